import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BehaviourToLog } from '../../../src/behaviour/behaviour.js';
import { PARTITIONS, partitionOf } from '../../../src/core/partitions.js';
import { readFolder } from '../../../src/importing/readFolder.js';
import { packHistory, type ShopOf } from '../../../src/projection/packedHistory.js';
import { MAX_USERS_A_STEP } from '../../../src/projection/projectionSteps.js';
import { partitionKeys } from '../../../src/stores/redis/keys.js';
import type { RedisClient } from '../../../src/stores/redis/redisClient.js';
import { RedisProjectionStore } from '../../../src/stores/redis/redisProjectionStore.js';
import { startRedis, type TestRedis } from '../../support/redisServer.js';
import { hasRedis, RedisFixtures } from './redisFixtures.js';

const PEOPLE = 10_000;
const BEHAVIOURS = 30;
/** What twelve touches leave of 600 bytes a person. */
const BYTES_A_PERSON = 300;
/** Behaviours come so many at a time: a visit. */
const VISIT = 10;

const folders = [
  { name: 'completejourney', dir: resolve('data/completejourney') },
  { name: 'jd', dir: join(process.env.TAGRANK_DATASETS || '../shared/data', 'jd') },
];

interface People {
  /** Thirty behaviours of one person after another. */
  readonly windows: readonly (readonly BehaviourToLog[])[];
  readonly shopOf: ShopOf;
}

async function readPeople(dir: string): Promise<People> {
  const reader = await readFolder({ dir, nowMs: Date.now() });
  const shops = new Map<string, string | undefined>();
  for await (const { productId, shopId } of reader.products()) shops.set(productId, shopId);
  const open = new Map<string, BehaviourToLog[]>();
  const windows: BehaviourToLog[][] = [];
  for await (const behaviour of reader.behaviours()) {
    const { userId, productId, shopId, priceMinor } = behaviour;
    const window = open.get(userId) ?? [];
    open.set(userId, window);
    window.push({
      behaviour,
      context: {
        productRevision: productId !== undefined && shops.has(productId) ? 1 : 0,
        shopId: shopId ?? (productId === undefined ? undefined : shops.get(productId)),
        // Whichever percentile: it takes one byte.
        ...(priceMinor !== undefined && { pricePercentile: 0.5 }),
        traits: {},
      },
    });
    if (window.length === BEHAVIOURS) {
      open.delete(userId);
      if (windows.push(window) === PEOPLE / 5) break;
    }
  }
  return { windows, shopOf: (productId) => shops.get(productId) };
}

/** Everybody's visits, one after another, through the store. Answers how many bytes they are when packed alone. */
async function fill(
  store: RedisProjectionStore,
  { windows, shopOf, count }: People & { count: number },
): Promise<number> {
  const users = Array.from({ length: count }, (_, i) => `u${200_000 + 7 * i}`);
  let packedBytes = 0;
  for (let partition = 0; partition < PARTITIONS; partition++) {
    const own = { partition, owner: 'server-a' };
    await store.lease({ ...own, ttlMs: 60_000 });
    const members = users.filter((userId) => partitionOf(userId) === partition);
    let seq = 0;
    for (let visit = 0; visit < BEHAVIOURS; visit += VISIT) {
      for (let start = 0; start < members.length; start += MAX_USERS_A_STEP) {
        const additions = new Map(
          members.slice(start, start + MAX_USERS_A_STEP).map((userId, i) => {
            const window = windows[(partition * 157 + start + i) % windows.length] ?? [];
            if (visit === 0) packedBytes += packHistory(window, shopOf).length;
            return [userId, packHistory(window.slice(visit, visit + VISIT), shopOf)];
          }),
        );
        await store.append({ ...own, fromSeq: seq, toSeq: seq + 1 }, additions);
        seq += 1;
      }
    }
  }
  return packedBytes;
}

async function bytesInUse(client: RedisClient): Promise<number> {
  const info = String(await client.send({ command: 'info', key: 'memory' }));
  return Number(/^used_memory:(\d+)/m.exec(info)?.[1]);
}

describe.skipIf(!hasRedis())('histories in Redis', () => {
  const fixtures = new RedisFixtures();
  let redis: TestRedis;
  let client: RedisClient;
  beforeAll(async () => {
    redis = await startRedis();
    client = fixtures.client(redis, { commandTimeoutMs: 10_000 });
  });
  afterAll(async () => {
    await fixtures.close();
    await redis.stop();
  });

  it.for(folders.filter(({ dir }) => existsSync(dir)))(
    `take at most ${BYTES_A_PERSON} bytes a person with thirty behaviours of $name`,
    async ({ name, dir }) => {
      const people = await readPeople(dir);
      const keyPrefix = fixtures.freshPrefix();
      // Connections and scripts have their memory before it is measured.
      const warmedUp = new RedisProjectionStore({ client, keyPrefix: fixtures.freshPrefix() });
      await fill(warmedUp, { ...people, count: 500 });
      const before = await bytesInUse(client);
      const packed = await fill(new RedisProjectionStore({ client, keyPrefix }), {
        ...people,
        count: PEOPLE,
      });
      const grown = ((await bytesInUse(client)) - before) / PEOPLE;
      const usages = await client.sendAll(
        Array.from({ length: PARTITIONS }, (_, partition) => ({
          command: 'memory',
          key: 'usage',
          args: [partitionKeys(partition, keyPrefix).history, 'samples', 0],
        })),
      );
      const used = usages.reduce((sum: number, usage) => sum + Number(usage), 0) / PEOPLE;
      console.info(
        `${BEHAVIOURS} behaviours of ${name}: ${Math.round(packed / PEOPLE)} B packed, ` +
          `${Math.round(used)} B in Redis a person (used_memory grew by ${Math.round(grown)} B)`,
      );
      expect(used).toBeLessThanOrEqual(BYTES_A_PERSON);
      expect(grown).toBeLessThanOrEqual(BYTES_A_PERSON);
    },
  );
});
