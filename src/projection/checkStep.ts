import { partitionOf } from '../core/partitions.js';
import { MAX_USERS_A_STEP } from './projectionSteps.js';
import type { ProjectionStep } from './projectionStore.js';

/** Refuses a step that no store may take, whoever holds the lease: a mistake of the caller. */
export function checkStep(
  { partition, fromSeq, toSeq = fromSeq }: Omit<ProjectionStep, 'toSeq' | 'owner'> & { toSeq?: number },
  writes: ReadonlyMap<string, unknown> = new Map(),
): void {
  if (toSeq < fromSeq) throw new RangeError(`a step from ${fromSeq} back to ${toSeq}`);
  if (writes.size > MAX_USERS_A_STEP) {
    throw new RangeError(`a step writes at most ${MAX_USERS_A_STEP} users, not ${writes.size}`);
  }
  for (const userId of writes.keys()) {
    if (partitionOf(userId) !== partition) {
      throw new RangeError(`${userId} is a user of partition ${partitionOf(userId)}, not of ${partition}`);
    }
  }
}
