import { afterAll, beforeAll, describe } from 'vitest';
import { RedisTouchStore } from '../../../src/stores/redis/redisTouchStore.js';
import { manyTouchesConformance } from '../../conformance/manyTouches.js';
import { touchHomesConformance } from '../../conformance/touchHomes.js';
import { touchStoreConformance } from '../../conformance/touchStore.js';
import { startRedis, startRedisCluster, type TestRedis } from '../../support/redisServer.js';
import { declareWhole, hasRedis, RedisFixtures } from './redisFixtures.js';

const kinds: { name: string; start: () => Promise<TestRedis>; minReplicas: number }[] = [
  { name: 'RedisTouchStore on one Redis', start: startRedis, minReplicas: 0 },
  { name: 'RedisTouchStore on a cluster', start: startRedisCluster, minReplicas: 0 },
  { name: 'RedisTouchStore on a cluster, replicated', start: startRedisCluster, minReplicas: 1 },
];

describe.skipIf(!hasRedis()).each(kinds)('$name', ({ name, start, minReplicas }) => {
  const fixtures = new RedisFixtures();
  let redis: TestRedis;
  beforeAll(async () => {
    redis = await start();
  });
  afterAll(async () => {
    await fixtures.close();
    await redis.stop();
  });

  const makeStore = async () => {
    const client = fixtures.client(redis);
    const keyPrefix = fixtures.freshPrefix();
    await declareWhole(client, keyPrefix);
    return fixtures.closing(new RedisTouchStore({ client, keyPrefix, minReplicas }));
  };
  touchStoreConformance(name, makeStore);
  touchHomesConformance(name, makeStore);
  manyTouchesConformance(name, makeStore);
});
