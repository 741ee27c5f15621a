import { setTimeout as sleep } from 'node:timers/promises';
import { PARTITIONS } from '../../../src/core/partitions.js';
import type { ProjectionStore } from '../../../src/projection/projectionStore.js';
import type { Truth } from '../../../src/stores/postgres/openTruth.js';
import type { World } from '../world/world.js';

const HEAL_WITHIN_MS = 60_000;
const ALL = Array.from({ length: PARTITIONS }, (_, partition) => partition);

/** Nothing stands still any more, the cluster says that it is whole, and all servers listen. */
export async function heal({ postgres, redis, servers }: World): Promise<void> {
  postgres.resume();
  for (const node of redis.nodes) redis.resume(node);
  for (const server of servers) server.resume();
  await redis.whole(HEAL_WITHIN_MS);
  for (const server of servers) if (server.life === undefined) await server.startUntilUp();
}

/** Resolves when all of the truth is in the online store; rejects with how far it is otherwise. */
export async function untilProjected({
  truth,
  store,
}: {
  truth: Truth;
  store: Pick<ProjectionStore, 'positions'>;
}): Promise<void> {
  const [behaviours, touches] = [await truth.behaviourLog.lastSeq(), await truth.touchLedger.lastSeq()];
  const endMs = performance.now() + HEAL_WITHIN_MS;
  for (;;) {
    const positions = await store.positions(ALL).catch(() => []);
    const behind = positions.filter(
      ({ epoch, appliedSeq, ledgerSeq }) =>
        epoch === undefined || appliedSeq < behaviours || ledgerSeq < touches,
    );
    if (positions.length > 0 && behind.length === 0) return;
    if (performance.now() > endMs) {
      throw new Error(
        `the projection is not up with the truth after ${HEAL_WITHIN_MS / 1_000} s: ${positions.length === 0 ? 'it cannot be read' : `${behind.length} partitions are behind`}`,
      );
    }
    await sleep(100);
  }
}

/** Whether every partition may be trusted. */
export async function isWhole(store: Pick<ProjectionStore, 'positions'>): Promise<boolean> {
  const positions = await store.positions(ALL).catch(() => []);
  return positions.length > 0 && positions.every(({ epoch }) => epoch !== undefined);
}
