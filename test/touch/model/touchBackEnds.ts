import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { UnavailableError } from '../../../src/core/errors.js';
import { partitionOf } from '../../../src/core/partitions.js';
import { MemoryTouchStore } from '../../../src/stores/memory/memoryTouchStore.js';
import { partitionKeys } from '../../../src/stores/redis/keys.js';
import { RedisTouchStore } from '../../../src/stores/redis/redisTouchStore.js';
import type { TouchStore } from '../../../src/touch/touchStore.js';
import { declareWhole, RedisFixtures } from '../../stores/redis/redisFixtures.js';
import { startRedis, startRedisCluster, type TestRedis } from '../../support/redisServer.js';
import { SERVERS } from './histories.js';

/** What several servers keep touches in. */
export interface TouchBackEnd {
  readonly name: string;
  /** Of ids that nobody used before. */
  open(userIds: readonly string[]): OpenStores;
  close(): Promise<void>;
}

export interface OpenStores {
  storeOf(server: number): TouchStore;
  /** All that was kept of the ids is gone. */
  lose(): Promise<void>;
  /** Every connection to the engine drops. */
  drop(): Promise<void>;
}

export function memoryBackEnd(): TouchBackEnd {
  return {
    name: 'memory',
    open() {
      let store = new MemoryTouchStore();
      return {
        storeOf: () => store,
        async lose() {
          store = new MemoryTouchStore();
        },
        async drop() {},
      };
    },
    async close() {},
  };
}

export function redisBackEnd(): Promise<TouchBackEnd> {
  return backEndOn('one Redis', startRedis);
}

/** Six nodes: three primaries, each with a replica. */
export function clusterBackEnd(): Promise<TouchBackEnd> {
  return backEndOn('a Redis Cluster', startRedisCluster);
}

async function backEndOn(name: string, start: () => Promise<TestRedis>): Promise<TouchBackEnd> {
  const redis = await start();
  const fixtures = new RedisFixtures();
  const keyPrefix = fixtures.freshPrefix();
  const clients = Array.from({ length: SERVERS }, () => fixtures.client(redis));
  const [first] = clients as [(typeof clients)[number]];
  await declareWhole(first, keyPrefix);
  const stores = clients.map((client) => fixtures.closing(new RedisTouchStore({ client, keyPrefix })));
  const admins = redis.nodes.map(({ port }) => new Redis({ port }));
  return {
    name,
    open: (userIds) => ({
      storeOf: (server) => stores[server % SERVERS] as TouchStore,
      async lose() {
        await first.sendAll(
          userIds.map((userId) => ({
            command: 'hdel',
            key: partitionKeys(partitionOf(userId), keyPrefix).touch,
            args: [userId],
          })),
        );
      },
      async drop() {
        await Promise.all(admins.map((admin) => admin.call('CLIENT', 'KILL', 'TYPE', 'normal')));
        await Promise.all(stores.map((store) => untilItAnswers(store, userIds)));
      },
    }),
    async close() {
      for (const admin of admins) admin.disconnect();
      await fixtures.close();
      await redis.stop();
    },
  };
}

/** Calls that come upon a connection just lost are UNAVAILABLE, until there is a new one. */
async function untilItAnswers(store: TouchStore, userIds: readonly string[]): Promise<void> {
  for (;;) {
    const logs = await store.readMany(userIds);
    if (!logs.some((log) => log instanceof UnavailableError)) return;
    await sleep(5);
  }
}
