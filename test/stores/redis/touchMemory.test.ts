import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PARTITIONS, partitionOf } from '../../../src/core/partitions.js';
import { ttl } from '../../../src/core/time.js';
import { partitionKeys } from '../../../src/stores/redis/keys.js';
import { packTouchLog } from '../../../src/stores/redis/touchLogCodec.js';
import { defaultTouchPolicy } from '../../../src/touch/defaultTouchPolicy.js';
import { newPermitId } from '../../../src/touch/permitId.js';
import { commitInLog, reserveInLog } from '../../../src/touch/touchTransitions.js';
import { EMPTY_TOUCH_LOG, type UserTouchLog } from '../../../src/touch/userTouchLog.js';
import { NOON_MS } from '../../support/builders.js';
import { startRedis, type TestRedis } from '../../support/redisServer.js';
import { DAY, MINUTE } from '../../touch/builders.js';
import { hasRedis, RedisFixtures } from './redisFixtures.js';

const PEOPLE = 2_000;
/** With some 300 for thirty behaviours: 600 bytes a person. */
const BYTES_A_PERSON = 290;
const requestIds = [
  { form: 'numbers', requestIdOf: (place: number) => String(17_000_000 + place * 977) },
  { form: 'UUIDs', requestIdOf: () => randomUUID() },
];

/** Twelve e-mails and pushes of three shops in a month, each reserved and sent, under the shipped policy. */
function logOfTwelve(userId: string, requestIdOf: (place: number) => string): UserTouchLog {
  const policy = defaultTouchPolicy();
  let log = EMPTY_TOUCH_LOG;
  for (let i = 0; i < 12; i += 1) {
    const channel = i % 3 === 0 ? 'push' : 'email';
    const permitId = newPermitId({ userId, channel });
    const nowMs = NOON_MS + i * 2.7 * DAY;
    const step = reserveInLog(log, {
      userId,
      requestId: requestIdOf(i),
      permitId,
      content: {
        channel,
        campaignType: 'promotion',
        shopId: `shop-${1000 + (i % 3)}`,
        campaignId: `june-sale-${i}`,
      },
      policy,
      timezone: 'UTC',
      nowMs,
      ttlMs: ttl(10 * MINUTE),
    });
    expect(step.outcome.kind).toBe('granted');
    log = commitInLog(step.log, { permitId, nowMs: nowMs + 21_437 + i }).log;
  }
  return log;
}

describe.skipIf(!hasRedis())('touch logs in Redis', () => {
  const fixtures = new RedisFixtures();
  let redis: TestRedis;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(async () => {
    await fixtures.close();
    await redis.stop();
  });

  it.each(requestIds)(
    'take less than 290 bytes a person with twelve touches, requested under $form',
    async ({ form, requestIdOf }) => {
      const client = fixtures.client(redis);
      const prefix = fixtures.freshPrefix();
      let packedBytes = 0;
      await client.sendAll(
        Array.from({ length: PEOPLE }, (_, i) => {
          const userId = `user-${100_000 + i}`;
          const packed = packTouchLog(userId, logOfTwelve(userId, requestIdOf));
          packedBytes += packed.length;
          return {
            command: 'hset',
            key: partitionKeys(partitionOf(userId), prefix).touch,
            args: [userId, packed],
          };
        }),
        { timeoutMs: 10_000 },
      );
      const usages = await client.sendAll(
        Array.from({ length: PARTITIONS }, (_, partition) => ({
          command: 'memory',
          key: 'usage',
          args: [partitionKeys(partition, prefix).touch, 'samples', 0],
        })),
      );
      const bytes = usages.reduce((sum: number, usage) => sum + Number(usage), 0) / PEOPLE;
      console.info(
        `12 touches requested under ${form}: ${Math.round(packedBytes / PEOPLE)} B packed, ${Math.round(bytes)} B in Redis a person`,
      );
      expect(bytes).toBeLessThan(BYTES_A_PERSON);
    },
  );
});
