import { type ConsentMark, marksOfBoth, withMark } from './leaveAlone.js';
import { readPermitId } from './permitId.js';
import { hasMoved, TouchesMovedError, type TouchHome, withHomes, wordOn } from './touchHome.js';
import {
  holdsForgotten,
  isAlike,
  isForgotten,
  type PermitState,
  type TouchRecord,
  type UserTouchLog,
  withFailure,
  withRecord,
} from './userTouchLog.js';

/** The touches of another log, to be kept in this one from now on. */
export interface TouchArrival {
  /** Whose log they were in. */
  readonly fromId: string;
  readonly touches: UserTouchLog;
}

/** What a log is told about the homes of ids, with the touches that come along. */
export interface TouchNews {
  /** Whose log is told. */
  readonly userId: string;
  readonly homes: readonly TouchHome[];
  readonly arrivals: readonly TouchArrival[];
  /** What the log's owners said themselves, where others' words held for them for a while. */
  readonly ownWords?: readonly ConsentMark[];
}

/**
 * The log with the news in it; told again, nothing changes. Throws `TouchesMovedError` when touches
 * arrive at a log that has itself moved by a later word.
 */
export function takeInLog(log: UserTouchLog, news: TouchNews): UserTouchLog {
  const { userId, homes, arrivals, ownWords = [] } = news;
  const told = withHomes({ ownerId: userId, log }, homes);
  if (arrivals.length + ownWords.length > 0 && hasMoved({ ownerId: userId, log: told })) {
    throw new TouchesMovedError(userId, wordOn(told, userId)?.homeId ?? userId);
  }
  const whole = arrivals.reduce((sofar, { fromId, touches }) => {
    const known = wordOn(log, fromId);
    const comesHome = homes.some((home) => home.userId === fromId && home.homeId === userId);
    return joined(sofar, touches, {
      // Ids that were one person before have the same forgotten touches already.
      isFirst: comesHome && known === undefined,
      // But once they had parted, what either said was not heard on the other side any more.
      joins: comesHome && known?.homeId !== userId,
    });
  }, told);
  return withMarks(whole, marksOfBoth(whole.marks, ownWords));
}

/**
 * Both logs as one. A permit that is in both is one record, in the state that went further. Touches
 * that were forgotten are known by kind and moment alone: when the other log comes for the first time
 * those are another person's, as it was thought, and all count; when it comes again, they are the same.
 * Of sides that join (again) neither heard what was said on the other (`marksOfBoth`).
 */
function joined(
  log: UserTouchLog,
  other: UserTouchLog,
  { isFirst, joins }: { isFirst: boolean; joins: boolean },
): UserTouchLog {
  let sum = log;
  for (const record of other.records) {
    if (isForgotten(record) && record.state.status !== 'committed') continue;
    const same = isForgotten(record)
      ? undefined
      : sum.records.find(({ permitId }) => permitId === record.permitId);
    if (same !== undefined) {
      const further = furtherOf(same, record);
      if (further !== same) sum = withRecord(sum, further);
    } else if (isFirst || !isThere(log, record)) {
      sum = { ...sum, records: [...sum.records, unlikeAny(sum, record)] };
    }
  }
  const marks = joins ? marksOfBoth(log.marks, other.marks) : other.marks.reduce(withMark, log.marks);
  if (sum.records === log.records) return withMarks(log, marks);
  return { ...sum, marks, records: sum.records.toSorted((a, b) => a.reservedAtMs - b.reservedAtMs) };
}

function withMarks(log: UserTouchLog, marks: readonly ConsentMark[]): UserTouchLog {
  return marks === log.marks ? log : { ...log, marks };
}

function isThere(log: UserTouchLog, record: TouchRecord): boolean {
  return isForgotten(record)
    ? log.records.some((other) => isAlike(other, record))
    : holdsForgotten(log, record);
}

/**
 * The record, reserved a millisecond or two later where the log has one just like it: once forgotten
 * a replay of the ledger would take the two for one.
 */
function unlikeAny({ records }: UserTouchLog, record: TouchRecord): TouchRecord {
  let moved = record;
  while (records.some((other) => isAlike(other, moved))) {
    moved = {
      ...moved,
      reservedAtMs: moved.reservedAtMs + 1,
      expiresAtMs: Math.max(moved.expiresAtMs, moved.reservedAtMs + 1),
    };
  }
  return moved;
}

const REACHED: Readonly<Record<PermitState['status'], number>> = {
  reserved: 0,
  expired: 1,
  taken: 2,
  released: 3,
  committed: 4,
};

/** What was done to a permit in either log has happened to it; of two commits the later counts longer. */
function furtherOf(known: TouchRecord, other: TouchRecord): TouchRecord {
  const [a, b] = [known.state, other.state];
  const isFurther =
    a.status === 'committed' && b.status === 'committed'
      ? b.sentAtMs > a.sentAtMs
      : REACHED[b.status] > REACHED[a.status];
  const repeated = known.repeated || other.repeated;
  const reported = withFailure(known, other.failed);
  if (!isFurther) return repeated === known.repeated ? reported : { ...reported, repeated };
  return { ...reported, state: b, repeated };
}

/**
 * What of a log must be known to ids that part from its owner: the touches that were theirs, those of
 * which nobody knows any more whose they were, and every word about being left alone.
 */
export function partOfLog(log: UserTouchLog, userIds: readonly string[]): UserTouchLog {
  const records = log.records.filter(({ permitId }) => {
    const owner = readPermitId(permitId);
    return owner === undefined || userIds.includes(owner.userId);
  });
  return { records, marks: log.marks };
}
