import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ttl, window } from '../../../src/core/time.js';
import { MemoryTouchStore } from '../../../src/stores/memory/memoryTouchStore.js';
import type { RedisClient } from '../../../src/stores/redis/redisClient.js';
import { RedisTouchStore } from '../../../src/stores/redis/redisTouchStore.js';
import type { ConsentOutcome } from '../../../src/touch/leaveAlone.js';
import { newPermitId } from '../../../src/touch/permitId.js';
import { TouchesMovedError } from '../../../src/touch/touchHome.js';
import type { TouchLedgerEntry } from '../../../src/touch/touchLedger.js';
import type { Reservation, TouchStore } from '../../../src/touch/touchStore.js';
import { NOON_MS } from '../../support/builders.js';
import { startRedis, type TestRedis } from '../../support/redisServer.js';
import { aCap, aPolicy, DAY, HOUR, MINUTE } from '../../touch/builders.js';
import { declareWhole, hasRedis, RedisFixtures } from './redisFixtures.js';

const POLICY = aPolicy({
  caps: [
    aCap({ id: 'hour', scope: ['user', 'channel'], cap: 2 }),
    aCap({ id: 'week', window: { kind: 'calendar', unit: 'week' }, cap: 6 }),
    aCap({ id: 'gap', scope: ['user', 'shop'], cap: 9, minGapMs: window(20 * MINUTE) }),
  ],
});
const [host, guest] = ['user-1', '用户二'];
const USERS = [host, guest];

type Call =
  | { kind: 'reserve'; request: number; sms: boolean; shop: number; campaign: boolean; priority: number }
  | { kind: 'commit' | 'release' | 'withdraw' | 'restore'; permit: number }
  | { kind: 'link'; together: boolean }
  | { kind: 'mark'; outcome: ConsentOutcome; sms: boolean; minutesAgo: number | undefined };
const permitCall = (kind: 'commit' | 'release' | 'withdraw' | 'restore') =>
  fc.record({ kind: fc.constant(kind), permit: fc.nat(99) });
const call: fc.Arbitrary<Call> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('reserve' as const),
      request: fc.nat(12),
      sms: fc.boolean(),
      shop: fc.nat(2),
      campaign: fc.boolean(),
      priority: fc.constantFrom(0, 0, 40, 80),
    }),
  },
  { weight: 4, arbitrary: permitCall('commit') },
  { weight: 1, arbitrary: permitCall('release') },
  { weight: 1, arbitrary: permitCall('withdraw') },
  { weight: 1, arbitrary: permitCall('restore') },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('link' as const), together: fc.boolean() }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('mark' as const),
      outcome: fc.constantFrom<ConsentOutcome>('muted', 'resubscribed'),
      sms: fc.boolean(),
      minutesAgo: fc.option(fc.nat(90), { nil: undefined }),
    }),
  },
);
const pauseMs = fc.oneof(
  fc.integer({ min: -60, max: 90 }).map((minutes) => minutes * MINUTE),
  fc.nat(5).map((days) => days * DAY),
);
const history = fc.array(fc.tuple(call, fc.nat(USERS.length - 1), pauseMs), { minLength: 20, maxLength: 60 });

describe.skipIf(!hasRedis())('the touch log in Redis', () => {
  const fixtures = new RedisFixtures();
  let redis: TestRedis;
  let client: RedisClient;
  beforeAll(async () => {
    redis = await startRedis();
    client = fixtures.client(redis);
  });
  afterAll(async () => {
    await fixtures.close();
    await redis.stop();
  });

  it('gives for any history the answers and the log that the one in memory gives', async () => {
    let granted = 0;
    let forgotten = 0;
    let moved = 0;
    let taken = 0;
    await fc.assert(
      fc.asyncProperty(history, async (steps) => {
        const keyPrefix = fixtures.freshPrefix();
        await declareWhole(client, keyPrefix);
        const inMemory = new MemoryTouchStore();
        const inRedis = new RedisTouchStore({ client, keyPrefix });
        const both = async <Answer>(
          ask: (store: TouchStore) => Promise<Answer>,
        ): Promise<Answer | undefined> => {
          const [expected, given] = await Promise.allSettled([ask(inMemory), ask(inRedis)]);
          expect(given).toEqual(expected);
          // What has moved elsewhere is refused by both; the history goes on.
          if (expected.status === 'rejected') expect(expected.reason).toBeInstanceOf(TouchesMovedError);
          return expected.status === 'fulfilled' ? expected.value : undefined;
        };

        const reservations: Reservation[] = [];
        const homeId = (userId: string) => (userId === guest && linked ? host : userId);
        let nowMs = NOON_MS;
        let seq = 0;
        let linked = false;
        for (const [step, user, waitMs] of steps) {
          const userId = USERS[user]!;
          if (step.kind === 'reserve') {
            const reservation = { ...reservationOf(step, { userId, nowMs }), homeId: homeId(userId) };
            const outcome = await both((store) => store.reserve(reservation));
            if (outcome?.kind === 'granted') {
              granted += 1;
              taken += outcome.decision.takes.length;
              reservations.push(reservation);
            }
          } else if (step.kind === 'link') {
            seq += 1;
            linked = step.together;
            const word = {
              userId: guest,
              homeId: step.together ? host : guest,
              seq,
              inLedger: step.together,
            };
            const homes = [word];
            const [from, to] = step.together ? [guest, host] : [host, guest];
            const left = await both((store) => store.takeIn({ userId: from, homes, arrivals: [] }));
            const arrivals = left === undefined ? [] : [{ fromId: from, touches: left.log }];
            await both((store) => store.takeIn({ userId: to, homes, arrivals }));
            if (left?.changed) moved += 1;
          } else if (step.kind === 'mark') {
            const { outcome, sms, minutesAgo } = step;
            const occurredAtMs = minutesAgo === undefined ? undefined : nowMs - minutesAgo * MINUTE;
            const word = {
              userId,
              homeId: homeId(userId),
              outcome,
              nowMs,
              occurredAtMs,
              ...(sms && { channel: 'sms' as const }),
            };
            await both((store) => store.mark(word));
          } else {
            const one = reservations[step.permit % reservations.length];
            if (one === undefined) continue;
            const permit = { userId: one.userId, homeId: homeId(one.userId), permitId: one.permitId, nowMs };
            if (step.kind === 'commit') await both((store) => store.commit(permit));
            if (step.kind === 'release') await both((store) => store.release(permit));
            if (step.kind === 'withdraw') await both((store) => store.withdraw(permit));
            if (step.kind === 'restore') {
              const entries = [
                entryOf(one),
                {
                  kind: 'committed' as const,
                  userId: one.userId,
                  permitId: one.permitId,
                  atMs: nowMs,
                  late: false,
                },
              ];
              await both((store) => store.restore(entries, { pruneBeforeMs: nowMs - 33 * DAY }));
            }
          }
          nowMs += waitMs;
        }
        for (const userId of USERS) {
          const log = await both((store) => store.read(userId));
          forgotten += log!.records.filter(({ permitId }) => permitId === '').length;
        }
      }),
      { numRuns: 60 },
    );
    expect(granted).toBeGreaterThan(100);
    expect(forgotten).toBeGreaterThan(10);
    expect(moved).toBeGreaterThan(10);
    expect(taken).toBeGreaterThan(10);
  });
});

function reservationOf(
  { request, sms, shop, campaign, priority }: Call & { kind: 'reserve' },
  { userId, nowMs }: { userId: string; nowMs: number },
): Reservation {
  const channel = sms ? 'sms' : 'push';
  return {
    userId,
    requestId: `request-${request}-${priority}`,
    permitId: newPermitId({ userId, channel }),
    content: {
      channel,
      campaignType: 'promotion',
      ...(shop > 0 && { shopId: `shop-${shop}` }),
      ...(campaign && { campaignId: 'june' }),
      ...(priority > 0 && { priority }),
    },
    policy: POLICY,
    timezone: 'Asia/Shanghai',
    nowMs,
    ttlMs: ttl(sms ? HOUR : 10 * MINUTE),
  };
}

function entryOf({ userId, requestId, permitId, content, nowMs, ttlMs }: Reservation): TouchLedgerEntry {
  return {
    kind: 'reserved',
    userId,
    requestId,
    permitId,
    ...content,
    atMs: nowMs,
    expiresAtMs: nowMs + ttlMs,
    policyVersion: POLICY.version,
    ruleId: 'hour',
    reason: 'within_caps',
  };
}
