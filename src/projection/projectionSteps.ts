import type { LoggedBehaviour } from '../behaviour/behaviour.js';
import { partitionOf } from '../core/partitions.js';

/**
 * Users that one step may write. A step is one script, during which its node answers nobody else:
 * some 200 appends take about a millisecond.
 */
export const MAX_USERS_A_STEP = 200;

/** What one step appends: behaviours up to `toSeq`. */
export interface PackedStep {
  readonly toSeq: number;
  readonly additions: ReadonlyMap<string, Uint8Array>;
}

/**
 * Rows of the log as the steps of each partition, in order. The last step of a partition goes to
 * `toSeq`, up to which the rows are complete. Partitions without rows have no step.
 */
export function stepsByPartition(
  rows: readonly LoggedBehaviour[],
  { toSeq, pack }: { toSeq: number; pack: (row: LoggedBehaviour) => Uint8Array },
): Map<number, PackedStep[]> {
  const byPartition = groupByPartition(rows, ({ behaviour }) => behaviour.userId);
  return new Map([...byPartition].map(([partition, own]) => [partition, stepsOf(own, { toSeq, pack })]));
}

/** What belongs to people, by the partition that they lie in, each in the order given. */
export function groupByPartition<Row>(
  rows: readonly Row[],
  userIdOf: (row: Row) => string,
): Map<number, Row[]> {
  const byPartition = new Map<number, Row[]>();
  for (const row of rows) {
    const partition = partitionOf(userIdOf(row));
    const own = byPartition.get(partition);
    if (own === undefined) byPartition.set(partition, [row]);
    else own.push(row);
  }
  return byPartition;
}

function stepsOf(
  rows: readonly LoggedBehaviour[],
  { toSeq, pack }: { toSeq: number; pack: (row: LoggedBehaviour) => Uint8Array },
): PackedStep[] {
  const steps: PackedStep[] = [];
  for (let start = 0; start < rows.length; start += MAX_USERS_A_STEP) {
    const chunk = rows.slice(start, start + MAX_USERS_A_STEP);
    const isLast = start + MAX_USERS_A_STEP >= rows.length;
    const chunkEnd = (chunk.at(-1) as LoggedBehaviour).seq;
    steps.push({ toSeq: isLast ? toSeq : chunkEnd, additions: packedByUser(chunk, pack) });
  }
  return steps;
}

function packedByUser(
  rows: readonly LoggedBehaviour[],
  pack: (row: LoggedBehaviour) => Uint8Array,
): Map<string, Uint8Array> {
  const parts = new Map<string, Uint8Array[]>();
  for (const row of rows) {
    const { userId } = row.behaviour;
    const own = parts.get(userId);
    if (own === undefined) parts.set(userId, [pack(row)]);
    else own.push(pack(row));
  }
  return new Map([...parts].map(([userId, packs]) => [userId, Buffer.concat(packs)]));
}
