import fc from 'fast-check';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UnavailableError } from '../../../src/core/errors.js';
import { PARTITIONS } from '../../../src/core/partitions.js';
import { joinHistories, packHistory, recordsOf } from '../../../src/projection/packedHistory.js';
import { partitionKeys } from '../../../src/stores/redis/keys.js';
import type { RedisClient } from '../../../src/stores/redis/redisClient.js';
import { RedisProjectionStore } from '../../../src/stores/redis/redisProjectionStore.js';
import {
  projectionStoreConformance,
  type SharedProjectionStore,
  usersOf,
} from '../../conformance/projectionStore.js';
import { someBehaviour } from '../../projection/packedBehaviours.js';
import { aBehaviourToLog } from '../../support/builders.js';
import {
  startRedis,
  startRedisCluster,
  type TestRedis,
  type TestRedisCluster,
} from '../../support/redisServer.js';
import { hasRedis, RedisFixtures } from './redisFixtures.js';

const installed = hasRedis();
const aBrowse = packHistory([aBehaviourToLog()], () => undefined);

/** Two clients of the file, under a prefix that nobody used before. */
async function shareOn(
  redis: TestRedis,
  clients: readonly RedisClient[],
  fixtures: RedisFixtures,
): Promise<SharedProjectionStore> {
  const keyPrefix = fixtures.freshPrefix();
  const [first, second] = clients.map((client) => new RedisProjectionStore({ client, keyPrefix }));
  return {
    stores: [first as RedisProjectionStore, second as RedisProjectionStore],
    loseEverything: () => flushPrimaries(redis),
  };
}

async function flushPrimaries(redis: TestRedis): Promise<void> {
  await Promise.all(
    redis.nodes.map(async ({ url }) => {
      const admin = new Redis(url);
      const [role] = (await admin.role()) as unknown[];
      if (role === 'master') await admin.flushall();
      admin.disconnect();
    }),
  );
}

describe.skipIf(!installed)('one Redis', () => {
  const fixtures = new RedisFixtures();
  let redis: TestRedis;
  let clients: RedisClient[];
  beforeAll(async () => {
    redis = await startRedis();
    clients = [fixtures.client(redis), fixtures.client(redis)];
  });
  afterAll(async () => {
    await fixtures.close();
    await redis.stop();
  });

  projectionStoreConformance('RedisProjectionStore on one server', () => shareOn(redis, clients, fixtures));

  it('that forgot its scripts, as after a restart, is taught them by the next call', async () => {
    const keyPrefix = fixtures.freshPrefix();
    const store = new RedisProjectionStore({ client: clients[0] as RedisClient, keyPrefix });
    const own = { partition: 17, owner: 'server-a' };
    const [user] = usersOf(17, 1) as [string];
    const admin = new Redis(redis.url);
    await store.lease({ ...own, ttlMs: 60_000 });
    for (let seq = 0; seq < 3; seq++) {
      await admin.script('FLUSH');
      const step = { ...own, fromSeq: seq, toSeq: seq + 1 };
      expect(await store.append(step, new Map([[user, aBrowse]]))).toBe('applied');
      await admin.script('FLUSH');
      const read = await store.readUsers([user, ...usersOf(18, 2)]);
      expect(recordsOf(read[0]?.history ?? new Uint8Array(0))).toHaveLength(seq + 1);
    }
    admin.disconnect();
  });

  it('keeps a history as one chunk, whatever it came in: script and rule join the same way', async () => {
    const store = new RedisProjectionStore({
      client: clients[0] as RedisClient,
      keyPrefix: fixtures.freshPrefix(),
    });
    const own = { partition: 17, owner: 'server-a' };
    const [user] = usersOf(17, 1) as [string];
    await store.lease({ ...own, ttlMs: 60_000 });
    let seq = 0;
    let expected: Uint8Array = new Uint8Array(0);
    let overBytes = 0;
    const startOf = (history: Uint8Array) => recordsOf(history)[0]?.occurredAtMs;
    const endOf = (history: Uint8Array) => recordsOf(history).at(-1)?.occurredAtMs;
    await fc.assert(
      fc.asyncProperty(fc.array(someBehaviour, { maxLength: 3 }), fc.boolean(), async (some, apart) => {
        const addition = apart
          ? Buffer.concat(some.map((behaviour) => packHistory([behaviour], () => undefined)))
          : packHistory(some, () => undefined);
        if (endOf(expected) !== undefined && endOf(expected) === startOf(addition)) {
          // The script does not see that the time is the same, and writes a distance of 0.
          overBytes += (endOf(expected) as number) % 1_000 === 0 ? 1 : 3;
        }
        expected = joinHistories(expected, addition);
        await store.append({ ...own, fromSeq: seq, toSeq: seq + 1 }, new Map([[user, addition]]));
        seq += 1;
        const read = (await store.readUsers([user]))[0]?.history ?? new Uint8Array(0);
        expect(read.length).toBe(expected.length + overBytes);
        expect(Buffer.compare(joinHistories(read), expected)).toBe(0);
        if (seq % 20 !== 0) return;
        const replaced = Buffer.concat([expected, expected]);
        expected = joinHistories(replaced);
        overBytes = 0;
        await store.replaceHistories({ ...own, fromSeq: seq }, new Map([[user, replaced]]));
      }),
      // Each run goes on where the one before it ended: shrinking would begin somewhere else.
      { numRuns: 200, endOnFailure: true },
    );
  });

  it('that is gone makes every call unavailable', async () => {
    const gone = await startRedis();
    const client = fixtures.client(gone, { commandTimeoutMs: 200 });
    const store = new RedisProjectionStore({ client });
    await store.readUsers(['ann']);
    await gone.stop();
    const step = {
      partition: 0,
      owner: 'server-a',
      fromSeq: 0,
      toSeq: 1,
      ttlMs: 1_000,
      epoch: 'e',
      appliedSeq: 0,
      ledgerSeq: 0,
    };
    const calls = [
      () => store.readUsers(['ann', 'bo']),
      () => store.positions([0, 1]),
      () => store.announce(step),
      () => store.lease(step),
      () => store.seizeLease(step),
      () => store.release(step),
      () => store.append(step, new Map()),
      () => store.replaceHistories(step, new Map()),
      () => store.putProfiles(step, new Map()),
      () => store.moveLedger(step),
      () => store.startDraft(step),
      () => store.appendToDraft(step, new Map()),
      () => store.swapDraft(step),
      () => store.declareReady(step),
      () => store.countHistories(0),
      async () => {
        for await (const _ of store.scanHistories(0)) throw new Error('a page of nothing');
      },
    ];
    const outcomes = await Promise.allSettled(calls.map((call) => call()));
    for (const outcome of outcomes) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: expect.any(UnavailableError) });
    }
  });
});

describe.skipIf(!installed)('six Redis nodes', () => {
  const fixtures = new RedisFixtures();
  let cluster: TestRedisCluster;
  let clients: RedisClient[];
  beforeAll(async () => {
    cluster = await startRedisCluster();
    clients = [fixtures.client(cluster), fixtures.client(cluster)];
  });
  afterAll(async () => {
    await fixtures.close();
    await cluster.stop();
  });

  projectionStoreConformance('RedisProjectionStore on a cluster', () => shareOn(cluster, clients, fixtures));

  it('share the partitions: each of the three primaries has about a third', async () => {
    await flushPrimaries(cluster);
    const store = new RedisProjectionStore({ client: clients[0] as RedisClient });
    await Promise.all(
      Array.from({ length: PARTITIONS }, async (_, partition) => {
        const own = { partition, owner: 'server-a' };
        await store.lease({ ...own, ttlMs: 60_000 });
        const addition = new Map([[usersOf(partition, 1)[0] as string, aBrowse]]);
        await store.append({ ...own, fromSeq: 0, toSeq: 1 }, addition);
      }),
    );
    const counts = new Map<number, number>();
    for (let partition = 0; partition < PARTITIONS; partition++) {
      const { port } = await cluster.primaryOf(partitionKeys(partition).history);
      counts.set(port, (counts.get(port) ?? 0) + 1);
    }
    expect(counts.size).toBe(3);
    for (const count of counts.values()) expect(count).toBeGreaterThanOrEqual(PARTITIONS / 6);
  });
});
