import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UnavailableError } from '../../../src/core/errors.js';
import { partitionOf } from '../../../src/core/partitions.js';
import { ttl } from '../../../src/core/time.js';
import { partitionKeys } from '../../../src/stores/redis/keys.js';
import { PackedTouchLogs } from '../../../src/stores/redis/packedTouchLogs.js';
import type { RedisClient } from '../../../src/stores/redis/redisClient.js';
import { RedisTouchStore } from '../../../src/stores/redis/redisTouchStore.js';
import { newPermitId } from '../../../src/touch/permitId.js';
import type { TouchLedgerEntry } from '../../../src/touch/touchLedger.js';
import type { Reservation } from '../../../src/touch/touchStore.js';
import { NOON_MS } from '../../support/builders.js';
import {
  startRedis,
  startRedisCluster,
  type TestRedis,
  type TestRedisCluster,
} from '../../support/redisServer.js';
import { aCap, aPolicy, DAY, MINUTE } from '../../touch/builders.js';
import { declareWhole, hasRedis, RedisFixtures } from './redisFixtures.js';

const CAP = 3;
const policy = aPolicy({ caps: [aCap({ cap: CAP })] });

function aReservation(facts: Partial<Reservation> = {}): Reservation {
  const userId = facts.userId ?? 'user-1';
  return {
    userId,
    requestId: 'request-1',
    permitId: newPermitId({ userId, channel: 'push' }),
    content: { channel: 'push', campaignType: 'routine' },
    policy,
    timezone: 'UTC',
    nowMs: NOON_MS,
    ttlMs: ttl(10 * MINUTE),
    ...facts,
  };
}

describe.skipIf(!hasRedis())('touch logs of a Redis that lost something', () => {
  const fixtures = new RedisFixtures();
  let redis: TestRedis;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(async () => {
    await fixtures.close();
    await redis.stop();
  });

  async function aStore() {
    const client = fixtures.client(redis);
    const keyPrefix = fixtures.freshPrefix();
    await declareWhole(client, keyPrefix);
    return { client, keyPrefix, store: new RedisTouchStore({ client, keyPrefix }) };
  }

  it('scripts that it forgot are taught again', async () => {
    const { client, store } = await aStore();
    for (let i = 0; i < 2; i += 1) {
      await client.send({ command: 'script', key: 'flush' });
      expect((await store.reserve(aReservation({ requestId: `request-${i}` }))).kind).toBe('granted');
    }
    await client.send({ command: 'script', key: 'flush' });
    const reads = await Promise.all(['user-1', 'user-2', 'user-3'].map((userId) => store.read(userId)));
    expect(reads.map(({ records }) => records.length)).toEqual([2, 0, 0]);
  });

  it('C6: after a FLUSHALL nothing is granted until the logs are restored and declared whole', async () => {
    const { client, keyPrefix, store } = await aStore();
    const { permitId } = aReservation();
    await store.reserve(aReservation({ permitId }));
    await client.send({ command: 'flushall', key: 'sync' });

    const refusals = [
      store.read('user-1'),
      store.reserve(aReservation({ requestId: 'request-2' })),
      store.commit({ userId: 'user-1', permitId, nowMs: NOON_MS }),
      store.release({ userId: 'user-1', permitId, nowMs: NOON_MS }),
      store.withdraw({ userId: 'user-1', permitId }),
      store.mark({ userId: 'user-1', outcome: 'muted', nowMs: NOON_MS }),
    ];
    for (const refusal of refusals) await expect(refusal).rejects.toThrow(UnavailableError);

    await store.restore([entryOf(aReservation({ permitId }))], { pruneBeforeMs: NOON_MS - 33 * DAY });
    await expect(store.read('user-1')).rejects.toThrow(UnavailableError);
    await declareWhole(client, keyPrefix, 'epoch-2');
    expect((await store.read('user-1')).records.map((record) => record.permitId)).toEqual([permitId]);
    expect(await store.reserve(aReservation())).toMatchObject({ kind: 'repeated', record: { permitId } });
  });

  it('C6: what was decided on a log that fell back or was rebuilt meanwhile is decided anew', async () => {
    const { client, keyPrefix } = await aStore();
    const logs = new PackedTouchLogs({ client, keyPrefix, minReplicas: 0, replicationTimeoutMs: 0 });
    const [none, first, second, third] = ['', 'first', 'second', 'third'].map((text) => Buffer.from(text));
    const replace = (read = none, wanted = none) =>
      logs.replace({ userId: 'user-1', read: read!, wanted: wanted! }, { replicated: false });

    expect(await replace(none, first)).toBe('replaced');
    expect(await replace(first, second)).toBe('replaced');
    expect(await replace(first, third)).toEqual(second);
    // The answer was lost, and the call is made once more.
    expect(await replace(first, second)).toBe('found');
    // A failover that lost the last write: whoever read it may not build on it.
    expect(await replace(second, first)).toBe('replaced');
    expect(await replace(second, third)).toEqual(first);
    await client.send({ command: 'del', key: partitionKeys(partitionOf('user-1'), keyPrefix).touch });
    expect(await replace(first, third)).toEqual(none);
    expect(await replace(none, none)).toBe('replaced');
    expect(await logs.read('user-1')).toEqual(none);
  });

  it('many entries of many people are restored, twice, while others reserve', async () => {
    const { store } = await aStore();
    const people = Array.from({ length: 300 }, (_, i) => `person-${i}`);
    const entries = people.flatMap((userId) =>
      [0, 1].map((i) => entryOf(aReservation({ userId, requestId: `request-${i}`, nowMs: NOON_MS - i }))),
    );
    const restore = () => store.restore(entries, { pruneBeforeMs: NOON_MS - 33 * DAY });
    await Promise.all([
      restore(),
      restore(),
      ...people.slice(0, 50).map((userId) => store.reserve(aReservation({ userId, requestId: 'live' }))),
    ]);
    const logs = await Promise.all(people.map((userId) => store.read(userId)));
    expect(logs.map(({ records }) => records.length)).toEqual(people.map((_, i) => (i < 50 ? 3 : 2)));
  });

  it('a log that cannot be read grants nothing', async () => {
    const { client, keyPrefix, store } = await aStore();
    const { touch } = partitionKeys(partitionOf('user-1'), keyPrefix);
    await client.send({ command: 'hset', key: touch, args: ['user-1', Uint8Array.of(0xf0, 1)] });
    await expect(store.reserve(aReservation())).rejects.toThrow(UnavailableError);
    await expect(store.read('user-1')).rejects.toThrow(UnavailableError);
  });

  it('while it is away, all who wait for the same person are told in the time of one', async () => {
    const { store } = await aStore();
    await store.reserve(aReservation());
    redis.pause();
    const startedAtMs = performance.now();
    const waiting = Array.from({ length: 16 }, () => store.reserve(aReservation()));
    const told = await Promise.allSettled(waiting);
    redis.resume();
    expect(told.map(({ status }) => status)).toEqual(waiting.map(() => 'rejected'));
    expect(performance.now() - startedAtMs).toBeLessThan(2_500);
  });
});

describe.skipIf(!hasRedis())('touch logs of a cluster that loses a primary', () => {
  const fixtures = new RedisFixtures();
  let cluster: TestRedisCluster;
  beforeAll(async () => {
    cluster = await startRedisCluster();
  });
  afterAll(async () => {
    await fixtures.close();
    await cluster.stop();
  });

  it('C6: a permit that no replica has is not given out; asked again once one has it, it is', async () => {
    const keyPrefix = fixtures.freshPrefix();
    const client = fixtures.client(cluster);
    await declareWhole(client, keyPrefix);
    const store = fixtures.closing(
      new RedisTouchStore({ client, keyPrefix, minReplicas: 1, replicationTimeoutMs: 200 }),
    );
    const primary = await cluster.primaryOf(partitionKeys(partitionOf('user-1'), keyPrefix).touch);
    const replica = cluster.nodes[cluster.nodes.indexOf(primary) + 3]!;
    const request = aReservation();
    const { permitId } = request;
    const again = { ...request, permitId: newPermitId({ userId: 'user-1', channel: 'push' }) };
    cluster.pause(replica);
    try {
      await expect(store.reserve(request)).rejects.toThrow('0 replicas');
      // The primary has it, and so has nothing to write; that is no reason to hand it out.
      await expect(store.reserve(again)).rejects.toThrow('0 replicas');
      await expect(store.reserve(again)).rejects.toThrow('0 replicas');
      await store.release({ userId: 'user-1', permitId: 'unknown', nowMs: NOON_MS });
    } finally {
      cluster.resume(replica);
    }
    expect(await store.reserve(again)).toMatchObject({ kind: 'repeated', record: { permitId } });
  });

  it('C6: a log on its way to another node is never taken for an empty one', async () => {
    const keyPrefix = fixtures.freshPrefix();
    const client = fixtures.client(cluster);
    await declareWhole(client, keyPrefix);
    const store = new RedisTouchStore({ client, keyPrefix });
    const request = aReservation();
    await store.reserve(request);

    const { touch, position } = partitionKeys(partitionOf('user-1'), keyPrefix);
    const from = await cluster.primaryOf(touch);
    const to = cluster.nodes.slice(0, 3).find((node) => node !== from)!;
    const [source, target] = [from, to].map(({ url }) => fixtures.client({ ...cluster, url }));
    const ask = (node: RedisClient | undefined, ...args: (string | number)[]) =>
      node!.send({ command: 'cluster', key: String(args[0]), args: args.slice(1) });
    const [slot, sourceId, targetId] = (
      await Promise.all([ask(source, 'keyslot', touch), ask(source, 'myid'), ask(target, 'myid')])
    ).map(String) as [string, string, string];
    const move = (key: string) =>
      source!.send({ command: 'migrate', key: '127.0.0.1', args: [to.port, key, 0, 1_000] });

    await ask(target, 'setslot', slot, 'importing', sourceId);
    await ask(source, 'setslot', slot, 'migrating', targetId);
    await move(touch);
    await expect(store.read('user-1')).rejects.toThrow(UnavailableError);
    await expect(store.reserve(aReservation({ requestId: 'request-2' }))).rejects.toThrow(UnavailableError);
    await move(position);
    const again = { ...request, permitId: newPermitId({ userId: 'user-1', channel: 'push' }) };
    expect(await store.reserve(again)).toMatchObject({ kind: 'repeated' });
    const others = (await ask(source, 'getkeysinslot', slot, 100)) as readonly Buffer[];
    for (const key of others) await move(String(key));
    for (const node of [target, source]) await ask(node, 'setslot', slot, 'node', targetId);
    expect(await store.reserve(again)).toMatchObject({ kind: 'repeated' });
  });

  it('C6: with one replica to wait for, every granted permit is there after the failover, and no cap is exceeded', async () => {
    const keyPrefix = fixtures.freshPrefix();
    await declareWhole(fixtures.client(cluster), keyPrefix);
    const stores = Array.from({ length: 4 }, () =>
      fixtures.closing(new RedisTouchStore({ client: fixtures.client(cluster), keyPrefix, minReplicas: 1 })),
    );
    const people = Array.from({ length: 5_000 }, (_, i) => `person-${i}`);
    const granted = new Map<string, Set<string>>(people.map((userId) => [userId, new Set()]));
    let [unavailable, next, stopping] = [0, 0, false];

    const count = () => [...granted.values()].reduce((sum, permits) => sum + permits.size, 0);

    /** Asks for person after person, each under one request until it is answered. */
    async function campaign(store: RedisTouchStore, name: string): Promise<void> {
      while (!stopping) {
        const userId = people[next++ % people.length]!;
        for (;;) {
          const request = aReservation({ userId, requestId: `${name}-${userId}` });
          const outcome = await store.reserve(request).catch((error: unknown) => {
            expect(error).toBeInstanceOf(UnavailableError);
            unavailable += 1;
            return undefined;
          });
          if (outcome !== undefined && 'record' in outcome) granted.get(userId)?.add(outcome.record.permitId);
          if (outcome !== undefined || stopping) break;
        }
      }
    }
    const campaigns = stores.flatMap((store, i) =>
      [0, 1, 2].map((j) => campaign(store, `campaign-${i}-${j}`)),
    );
    await sleep(700);
    const dead = await cluster.primaryOf(partitionKeys(0, keyPrefix).touch);
    await cluster.kill9(dead);
    const before = count();
    await cluster.takenOverFrom(dead);
    // The one that took over has no replica until the dead one is back as such.
    await cluster.restart(dead);
    await sleep(1_500);
    stopping = true;
    await Promise.all(campaigns);

    for (const [userId, permits] of granted) {
      const { records } = await stores[0]!.read(userId);
      const kept = new Set(records.map(({ permitId }) => permitId));
      expect([...permits].filter((permitId) => !kept.has(permitId))).toEqual([]);
      expect(records.length).toBeLessThanOrEqual(CAP);
    }
    console.info(
      `failover: ${before} permits before, ${count() - before} after, ${unavailable} calls unavailable`,
    );
    expect(before).toBeGreaterThan(0);
    expect(count()).toBeGreaterThan(before);
    expect(unavailable).toBeGreaterThan(0);
  });
});

function entryOf({ userId, requestId, permitId, content, nowMs, ttlMs }: Reservation): TouchLedgerEntry {
  return {
    kind: 'reserved',
    userId,
    requestId,
    permitId,
    ...content,
    atMs: nowMs,
    expiresAtMs: nowMs + ttlMs,
    policyVersion: policy.version,
    ruleId: 'cap-1',
    reason: 'within_caps',
  };
}
