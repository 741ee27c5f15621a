import type { TouchContent } from '../../../src/touch/touch.js';
import { HOUR } from '../builders.js';
import type { Reported, Standing } from './plainRules.js';

/** A reservation as its caller knows it, or as it may stand where a caller never had an answer. */
export interface PlainPermit {
  /** Absent while nobody was told of it: it may hold a slot, or not. */
  readonly permitId?: string;
  readonly requestId: string;
  /** The id that it was asked for. */
  readonly userId: string;
  readonly content: TouchContent;
  readonly reservedAtMs: number;
  readonly expiresAtMs: number;
  readonly decidedBy?: { readonly ruleId: string; readonly reason: string };
  readonly end:
    | 'open'
    | 'released'
    | { readonly sentAtMs: number; readonly late: boolean; readonly taken: boolean };
  /** When calls to commit it broke off that have not been repeated to an answer. */
  readonly doubtfulCommitsMs: readonly number[];
  /** A call to release it broke off. */
  readonly isPerhapsReleased: boolean;
  /** It ran out, and its slot was given to somebody: it stays run out if the clock then steps back. */
  readonly lapsed: 'no' | 'perhaps' | 'yes';
  /** A message of higher priority has its slot (C4). */
  readonly taken: 'no' | 'perhaps' | 'yes';
  /** What its channel reported, and which of these the room still heard where they are several. */
  readonly reports: readonly Reported[];
  /** Ids that were the person's after it was given out, and are no more: it may count for them too. */
  readonly formerIds: readonly string[];
}

const KNOWN_FOR_MS = 72 * HOUR;

/** Whether its request and its id may be forgotten: it ended so long ago by any clock that there was. */
export function mayBeForgotten({ end, expiresAtMs }: PlainPermit, latestMs: number): boolean {
  const endMs = typeof end === 'object' ? Math.max(end.sentAtMs, expiresAtMs) : expiresAtMs;
  return latestMs - endMs > KNOWN_FOR_MS;
}

/** Whether they are: it ended so long ago, also if a call that broke off was done. */
export function isForgotten(permit: PlainPermit, nowMs: number): boolean {
  const endMs = Math.max(permit.expiresAtMs, ...permit.doubtfulCommitsMs);
  return mayBeForgotten({ ...permit, expiresAtMs: endMs }, nowMs);
}

/** Whether its time is over, or may be. */
export function hasRunOut({ expiresAtMs, lapsed }: PlainPermit, nowMs: number): 'no' | 'perhaps' | 'yes' {
  return nowMs >= expiresAtMs ? 'yes' : lapsed;
}

/** Whether a repeat of its request must get it again. */
export function isHeld(permit: PlainPermit, nowMs: number): boolean {
  if (permit.permitId === undefined || permit.isPerhapsReleased) return false;
  if (typeof permit.end === 'object') return true;
  return permit.end === 'open' && hasRunOut(permit, nowMs) === 'no' && permit.taken === 'no';
}

/** How it stands for the person it was given for. */
export function standingsOf(permit: PlainPermit): readonly Standing[] {
  const { end, lapsed, taken, expiresAtMs, doubtfulCommitsMs, isPerhapsReleased, permitId, reports } = permit;
  const sentAt = (sentAtMs: number) => reports.map((reported) => ({ sentAtMs, reported }));
  if (end === 'released') return ['free'];
  if (typeof end === 'object') return sentAt(end.sentAtMs);
  const isPerhapsFree =
    isPerhapsReleased || permitId === undefined || lapsed === 'perhaps' || taken === 'perhaps';
  return [
    lapsed === 'yes' || taken === 'yes' ? 'free' : { heldUntilMs: expiresAtMs },
    ...(isPerhapsFree ? (['free'] as const) : []),
    ...doubtfulCommitsMs.flatMap(sentAt),
  ];
}

/** How it may stand for those that were the same person once, who need not hear of what is reported since. */
export function formerStandingsOf(permit: PlainPermit): readonly Standing[] {
  const unreported = standingsOf({ ...permit, reports: ['nothing', ...permit.reports] });
  return ['free', { heldUntilMs: permit.expiresAtMs }, ...unreported];
}
