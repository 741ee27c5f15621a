import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UnavailableError } from '../../../src/core/errors.js';
import { packHistory, unpackHistory } from '../../../src/projection/packedHistory.js';
import { partitionKeys } from '../../../src/stores/redis/keys.js';
import { RedisProjectionStore } from '../../../src/stores/redis/redisProjectionStore.js';
import { usersOf } from '../../conformance/projectionStore.js';
import { aBehaviourToLog, NOON_MS } from '../../support/builders.js';
import { startRedisCluster, type TestRedisCluster } from '../../support/redisServer.js';
import { hasRedis, RedisFixtures } from './redisFixtures.js';

const PARTITION = 17;
const OWN = { partition: PARTITION, owner: 'server-a' };
const [USER] = usersOf(PARTITION, 1) as [string];
const STEPS = 600;

const shopOf = () => undefined;
/** The behaviour that the log has at `seq`, named by it. */
const logged = (seq: number) =>
  packHistory([aBehaviourToLog({ productId: String(seq), occurredAtMs: NOON_MS + seq * 500 })], shopOf);

describe.skipIf(!hasRedis())('histories while a primary dies', () => {
  const fixtures = new RedisFixtures();
  let cluster: TestRedisCluster;
  let store: RedisProjectionStore;
  beforeAll(async () => {
    cluster = await startRedisCluster({ nodeTimeoutMs: 500 });
    store = new RedisProjectionStore({ client: fixtures.client(cluster, { commandTimeoutMs: 400 }) });
  });
  afterAll(async () => {
    await fixtures.close();
    await cluster.stop();
  });

  /** As the projector: whatever happens, lease again and go on from where the partition stands. */
  async function applyLog(onStep: (seq: number) => void): Promise<{ troubles: number }> {
    let troubles = 0;
    let seq: number | undefined;
    while (seq === undefined || seq < STEPS) {
      try {
        seq ??= (await store.lease({ ...OWN, ttlMs: 60_000 }))?.appliedSeq ?? 0;
        const step = { ...OWN, fromSeq: seq, toSeq: seq + 1 };
        const outcome = await store.append(step, new Map([[USER, logged(seq + 1)]]));
        seq = outcome === 'applied' ? seq + 1 : undefined;
        if (seq !== undefined) onStep(seq);
      } catch (error) {
        expect(error).toBeInstanceOf(UnavailableError);
        troubles += 1;
        seq = undefined;
        await sleep(20);
      }
    }
    return { troubles };
  }

  it('have each behaviour of the log once and in order, whatever the failover lost', async () => {
    const primary = await cluster.primaryOf(partitionKeys(PARTITION).history);
    let killed: Promise<void> | undefined;
    const { troubles } = await applyLog((seq) => {
      if (seq === STEPS / 3) killed = cluster.kill9(primary);
    });
    await killed;
    expect(troubles).toBeGreaterThan(0);
    expect((await cluster.primaryOf(partitionKeys(PARTITION).history)).port).not.toBe(primary.port);
    const [read] = await store.readUsers([USER]);
    const history = unpackHistory(read?.history ?? new Uint8Array(0), { userId: USER, shopOf });
    expect(history.map(({ behaviour }) => Number(behaviour.productId))).toEqual(
      Array.from({ length: STEPS }, (_, i) => i + 1),
    );
    expect(read?.position.appliedSeq).toBe(STEPS);
  });
});
