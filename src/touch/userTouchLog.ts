import { isDeepStrictEqual } from 'node:util';
import { type EpochMs, HOUR_MS, type TtlMs, ttl } from '../core/time.js';
import type { LearnedPerson } from './learnedPerson.js';
import type { ConsentMark } from './leaveAlone.js';
import type { TouchContent, TouchReason } from './touch.js';
import { type TouchFailure, worseFailure } from './touchFailure.js';
import type { TouchHome } from './touchHome.js';

/**
 * What became of a permit.
 * `reserved`: holds a slot until `expiresAtMs`. `expired`: a later reservation was decided in the
 * knowledge that this one had run out; it stays so even if the clock then steps back. `taken`: a touch
 * of higher priority, that of the permit `takenBy`, has the slot (C4). All but the first hold nothing.
 */
export type PermitState =
  | { readonly status: 'reserved' | 'expired' | 'released' }
  | { readonly status: 'taken'; readonly takenBy: string }
  /**
   * Counts as sent at `sentAtMs` (when the commit arrived); `late` when it had run out by then, `taken`
   * when its slot had gone to another.
   */
  | {
      readonly status: 'committed';
      readonly sentAtMs: EpochMs;
      readonly late: boolean;
      readonly taken?: true;
    };

/**
 * How long after its end a touch is known by its ids: so late a commit, a release or a repeat of the
 * request still finds it (`isKnown`). After that it is forgotten: kept is what the caps count, and the
 * moment of its reservation, by which a replay of the ledger knows it again.
 */
export const TOUCH_IDS_KEPT_MS: TtlMs = ttl(72 * HOUR_MS);

/** A permit, as the online log keeps it. */
export interface TouchRecord {
  /** Empty once forgotten, as are `requestId`, `ruleId` and `takenBy`; the campaign is absent then. */
  readonly permitId: string;
  readonly requestId: string;
  readonly content: TouchContent;
  readonly reservedAtMs: EpochMs;
  readonly expiresAtMs: EpochMs;
  readonly state: PermitState;
  /** The rule that decided, and why, for a repeat of the request. */
  readonly ruleId: string;
  readonly reason: TouchReason;
  /** A repeat of the request was answered with this permit, so it can no longer be withdrawn. */
  readonly repeated: boolean;
  /** What its channel reported, also where that overtook the commit; absent while it reported no failure. */
  readonly failed?: TouchFailure;
}

/** All that the rules need to know of one person. */
export interface UserTouchLog {
  /** In the order they were appended. */
  readonly records: readonly TouchRecord[];
  readonly marks: readonly ConsentMark[];
  /**
   * Where the touches of ids are kept that were linked or unlinked (T7), by id, as far as this log has
   * to know: those kept here, those that left, and its own id. Absent while there are none.
   */
  readonly homes?: readonly TouchHome[];
  /** What was learned of the person (C1, C2); absent where nothing was, and in a log that has moved. */
  readonly learned?: LearnedPerson;
}

/** The log of a person of whom nothing is known. */
export const EMPTY_TOUCH_LOG: UserTouchLog = { records: [], marks: [] };

export function isEmptyLog(log: UserTouchLog): boolean {
  const { records, marks, homes, learned } = log;
  return records.length === 0 && marks.length === 0 && homes === undefined && learned === undefined;
}

/** The log with this learned of the person instead of what was; the same object where that is the same. */
export function withLearned(log: UserTouchLog, learned: LearnedPerson | undefined): UserTouchLog {
  if (isDeepStrictEqual(log.learned, learned)) return log;
  const { learned: _, ...rest } = log;
  return learned === undefined ? rest : { ...rest, learned };
}

/** The log without records that ended before `beforeMs`. Marks are never pruned. */
export function prunedLog(log: UserTouchLog, beforeMs: EpochMs): UserTouchLog {
  const records = log.records.filter((record) => lastMomentMs(record) >= beforeMs);
  return records.length === log.records.length ? log : { ...log, records };
}

export function withRecord(log: UserTouchLog, changed: TouchRecord): UserTouchLog {
  return {
    ...log,
    records: log.records.map((record) => (record.permitId === changed.permitId ? changed : record)),
  };
}

/** The record with what its channel reported; the same object where that is no news. */
export function withFailure(record: TouchRecord, failure: TouchFailure | undefined): TouchRecord {
  const failed = worseFailure(record.failed, failure);
  return failed === undefined || failed === record.failed ? record : { ...record, failed };
}

/**
 * The log as a reservation granted now leaves it.
 *
 * - Whoever is let in because another's time ran out makes that final, or a clock stepping back
 *   would revive the other beside it.
 * - What ended longer ago than `TOUCH_IDS_KEPT_MS` is forgotten: four fifths of a record are there
 *   only for what may still be asked of it. (`openKeptMs`: what was neither committed nor released.)
 */
export function settledLog(
  log: UserTouchLog,
  nowMs: EpochMs,
  { openKeptMs = TOUCH_IDS_KEPT_MS }: { openKeptMs?: TtlMs } = {},
): UserTouchLog {
  const records = log.records.map((record) => {
    const settled = hasRunOut(record, nowMs) ? { ...record, state: { status: 'expired' } as const } : record;
    const keptMs = mayStillEnd(settled) ? openKeptMs : TOUCH_IDS_KEPT_MS;
    return lastMomentMs(settled) < nowMs - keptMs && !isForgotten(settled) ? forgotten(settled) : settled;
  });
  return { ...log, records };
}

/** Whether a commit, a release or a repeat of the request may still find the touch. */
export function isKnown(record: TouchRecord, nowMs: EpochMs): boolean {
  return !isForgotten(record) && lastMomentMs(record) >= nowMs - TOUCH_IDS_KEPT_MS;
}

/** Whether neither a commit nor a release has come for the permit. */
function mayStillEnd({ state }: TouchRecord): boolean {
  return state.status === 'reserved' || state.status === 'expired' || state.status === 'taken';
}

/** No id is empty, so nothing that is asked for by an id is taken for a touch that was forgotten. */
export function isForgotten({ permitId }: TouchRecord): boolean {
  return permitId === '';
}

/** Whether the log holds the same touch, forgotten. */
export function holdsForgotten(log: UserTouchLog, record: TouchRecord): boolean {
  return log.records.some((other) => isForgotten(other) && isAlike(other, record));
}

/** Of the same kind, and reserved at the same moment: all that is left to know a forgotten touch by. */
export function isAlike(a: TouchRecord, b: TouchRecord): boolean {
  return (
    a.reservedAtMs === b.reservedAtMs &&
    a.expiresAtMs === b.expiresAtMs &&
    a.content.channel === b.content.channel &&
    a.content.campaignType === b.content.campaignType &&
    a.content.shopId === b.content.shopId &&
    a.content.priority === b.content.priority
  );
}

function forgotten({ content: { campaignId: _, ...content }, state, ...record }: TouchRecord): TouchRecord {
  return {
    ...record,
    content,
    state: state.status === 'taken' ? { ...state, takenBy: '' } : state,
    permitId: '',
    requestId: '',
    ruleId: '',
  };
}

function hasRunOut({ state, expiresAtMs }: TouchRecord, nowMs: EpochMs): boolean {
  return state.status === 'reserved' && expiresAtMs <= nowMs;
}

function lastMomentMs({ state, expiresAtMs }: TouchRecord): EpochMs {
  return state.status === 'committed' ? Math.max(state.sentAtMs, expiresAtMs) : expiresAtMs;
}
