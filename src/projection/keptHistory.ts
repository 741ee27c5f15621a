import { createHash } from 'node:crypto';
import { type PackedRecord, packRecords, recordsOf } from './packedHistory.js';

/**
 * Behaviours of a person that count: the newest ones by time. Most people have some dozens; this
 * bounds what one who does more, or a robot, costs every reader.
 */
export const HISTORY_KEPT = 2_048;

/** A stored history is cut back to `HISTORY_KEPT` once it has more records than this. */
export const HISTORY_TRIMMED_ABOVE = 2 * HISTORY_KEPT;

/** No behaviour is shorter: head, and an id of a byte. */
const SHORTEST_RECORD_BYTES = 2;

/** By time, and among equal times by content: the canonical order of a history. */
export function byTimeThenContent(a: PackedRecord, b: PackedRecord): number {
  return a.occurredAtMs - b.occurredAtMs || (a.content < b.content ? -1 : a.content > b.content ? 1 : 0);
}

/**
 * The part of a history that counts, in canonical order: a function of the set of behaviours,
 * whatever the order in which they came. What was cut away cannot matter later:
 * `kept(kept(A) ∪ B) = kept(A ∪ B)`. So a history may be cut at any time, or never, and several ids'
 * histories may be cut before they are joined.
 */
export function keptHistory(history: Uint8Array): Uint8Array {
  return packRecords(recordsOf(history).sort(byTimeThenContent).slice(-HISTORY_KEPT));
}

/** Whether a stored history is long enough to be cut back to `keptHistory`. */
export function isOverlong(history: Uint8Array): boolean {
  if (history.length <= HISTORY_TRIMMED_ABOVE * SHORTEST_RECORD_BYTES) return false;
  return recordsOf(history).length > HISTORY_TRIMMED_ABOVE;
}

/**
 * 64 bits that say what counts of a person's behaviours, 0n for nothing. Equal for equal sets, in
 * whatever order they are stored and whether or not they were cut back. The checksum of many people
 * is the sum of theirs, so that it can be taken in any order: `addChecksums`.
 */
export function historyChecksum(userId: string, history: Uint8Array): bigint {
  if (history.length === 0) return 0n;
  const hash = createHash('sha256');
  // Ids hold no control characters: the NUL keeps id and records apart.
  hash.update(userId).update('\0').update(keptHistory(history));
  return hash.digest().readBigUInt64BE();
}

export function addChecksums(a: bigint, b: bigint): bigint {
  return BigInt.asUintN(64, a + b);
}
