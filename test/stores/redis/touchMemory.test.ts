import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PARTITIONS, partitionOf } from '../../../src/core/partitions.js';
import { partitionKeys } from '../../../src/stores/redis/keys.js';
import { packTouchLog } from '../../../src/stores/redis/touchLogCodec.js';
import { learnedOfMost } from '../../support/learnedOfMost.js';
import { startRedis, type TestRedis } from '../../support/redisServer.js';
import { twelveTouches } from '../../support/twelveTouches.js';
import { hasRedis, RedisFixtures } from './redisFixtures.js';

const PEOPLE = 2_000;
/** With some 300 for thirty behaviours: 600 bytes a person. */
const BYTES_A_PERSON = 290;
const requestIds = [
  { form: 'numbers', requestIdOf: (place: number) => String(17_000_000 + place * 977) },
  { form: 'UUIDs', requestIdOf: () => randomUUID() },
];

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
    'C1: take less than 290 bytes a person with twelve touches and what was learned, requested under $form',
    async ({ form, requestIdOf }) => {
      const client = fixtures.client(redis);
      const prefix = fixtures.freshPrefix();
      let packedBytes = 0;
      await client.sendAll(
        Array.from({ length: PEOPLE }, (_, i) => {
          const userId = `user-${100_000 + i}`;
          const touches = twelveTouches(userId, requestIdOf);
          const packed = packTouchLog(userId, { ...touches, learned: learnedOfMost() });
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
