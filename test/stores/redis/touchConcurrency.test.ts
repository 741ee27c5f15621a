import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ttl } from '../../../src/core/time.js';
import { RedisTouchStore } from '../../../src/stores/redis/redisTouchStore.js';
import { newPermitId } from '../../../src/touch/permitId.js';
import type { Reservation } from '../../../src/touch/touchStore.js';
import { NOON_MS } from '../../support/builders.js';
import { startRedis, startRedisCluster, type TestRedis } from '../../support/redisServer.js';
import { aCap, aPolicy, MINUTE } from '../../touch/builders.js';
import { declareWhole, hasRedis, RedisFixtures } from './redisFixtures.js';

const SERVERS = 8;
const PEOPLE = 12;
const CAP = 3;
const CAMPAIGNS = 8;

const policy = aPolicy({ caps: [aCap({ cap: CAP })] });

function aReservation(userId: string, requestId: string): Reservation {
  return {
    userId,
    requestId,
    permitId: newPermitId({ userId, channel: 'push' }),
    content: { channel: 'push', campaignType: 'routine' },
    policy,
    timezone: 'UTC',
    nowMs: NOON_MS,
    ttlMs: ttl(10 * MINUTE),
  };
}

const kinds = [
  { name: 'one Redis', start: startRedis },
  { name: 'a cluster', start: startRedisCluster },
];
describe.skipIf(!hasRedis()).each(kinds)('several servers on $name', ({ start }) => {
  const fixtures = new RedisFixtures();
  let redis: TestRedis;
  let stores: RedisTouchStore[];
  beforeAll(async () => {
    redis = await start();
    const keyPrefix = fixtures.freshPrefix();
    const clients = Array.from({ length: SERVERS }, () => fixtures.client(redis));
    await declareWhole(clients[0]!, keyPrefix);
    stores = clients.map((client) => new RedisTouchStore({ client, keyPrefix }));
  });
  afterAll(async () => {
    await fixtures.close();
    await redis.stop();
  });

  it('C6: together never exceed a cap, and fill it', async () => {
    const people = Array.from({ length: PEOPLE }, (_, i) => `person-${i}`);
    const outcomes = await Promise.all(
      stores.flatMap((store, server) =>
        people.flatMap((userId) =>
          Array.from({ length: CAMPAIGNS }, (_, campaign) =>
            store.reserve(aReservation(userId, `server-${server}-campaign-${campaign}`)),
          ),
        ),
      ),
    );
    const granted = outcomes.filter(({ kind }) => kind === 'granted');
    expect(granted).toHaveLength(PEOPLE * CAP);
    for (const userId of people) {
      expect((await stores[0]!.read(userId)).records).toHaveLength(CAP);
    }
  });

  it('C6: give one permit for one request, whichever of them is asked', async () => {
    const outcomes = await Promise.all(stores.map((store) => store.reserve(aReservation('asker', 'same'))));
    const permits = outcomes.map((outcome) => ('record' in outcome ? outcome.record.permitId : outcome.kind));
    expect(new Set(permits).size).toBe(1);
    expect(outcomes.filter(({ kind }) => kind === 'granted')).toHaveLength(1);
  });

  it('C6: commit one permit in one millisecond, and one of them alone says that it was the first', async () => {
    const first = await stores[0]!.reserve(aReservation('sender', 'sent-once'));
    if (first.kind !== 'granted') throw new Error('expected a grant');
    const { permitId } = first.record;
    const outcomes = await Promise.all(
      stores.map((store) => store.commit({ userId: 'sender', permitId, nowMs: NOON_MS })),
    );
    const isFirst = outcomes.map((outcome) => outcome.kind === 'committed' && !outcome.repeated);
    expect(isFirst.filter(Boolean)).toHaveLength(1);
  });

  it('C8: all of them obey a word as soon as one of them has kept it', async () => {
    await stores[0]!.mark({ userId: 'muter', outcome: 'muted', nowMs: NOON_MS });
    const outcomes = await Promise.all(stores.map((store) => store.reserve(aReservation('muter', 'any'))));
    for (const outcome of outcomes) expect(outcome).toMatchObject({ decision: { reason: 'left_alone' } });
  });
});
