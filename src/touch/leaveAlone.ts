import type { EpochMs } from '../core/time.js';
import { CHANNELS, type Channel } from '../core/vocabulary.js';
import type { TouchOutcome } from './touch.js';

/** Outcomes by which a person says: no more of this (C8). */
export const LEAVE_ALONE_OUTCOMES = ['muted', 'blocked', 'complained', 'unsubscribed'] as const;
export type LeaveAloneOutcome = (typeof LEAVE_ALONE_OUTCOMES)[number];
/** Outcomes that decide whether a person is left alone. */
export type ConsentOutcome = LeaveAloneOutcome | 'resubscribed';

/** What a person last said about one channel, or about all of them. */
export interface ConsentMark {
  /** Absent: all channels. */
  readonly channel?: Channel;
  readonly outcome: ConsentOutcome;
  readonly atMs: EpochMs;
}

export function isLeaveAlone(outcome: TouchOutcome): outcome is LeaveAloneOutcome {
  return (LEAVE_ALONE_OUTCOMES as readonly string[]).includes(outcome);
}

export function isConsent(outcome: TouchOutcome): outcome is ConsentOutcome {
  return outcome === 'resubscribed' || isLeaveAlone(outcome);
}

/**
 * The marks with one more said: the later word on the same channel (or on all) stays; at a tie,
 * leaving alone. The result does not depend on the order in which marks arrive, so a replay is a plain
 * repetition of this.
 */
export function withMark(marks: readonly ConsentMark[], mark: ConsentMark): readonly ConsentMark[] {
  const known = marks.find((other) => other.channel === mark.channel);
  if (known === undefined) return [...marks, mark];
  return stronger(known, mark) === known ? marks : marks.map((other) => (other === known ? mark : other));
}

/**
 * The marks of two who turn out to be one, or whose words are to hold once more: whoever of them was
 * left alone on a channel is left alone on it, whatever was said later on the other side, where nobody
 * knew of that. A return that is said from now on holds.
 */
export function marksOfBoth(
  some: readonly ConsentMark[],
  others: readonly ConsentMark[],
): readonly ConsentMark[] {
  const all = others.reduce(withMark, some);
  const atMs = Math.max(...all.map((mark) => mark.atMs));
  return CHANNELS.reduce((marks, channel) => {
    const refusal = leftAlone(some, channel) ?? leftAlone(others, channel);
    if (refusal === undefined || leftAlone(all, channel) !== undefined) return marks;
    return withMark(marks, { channel, outcome: refusal.outcome, atMs });
  }, all);
}

/**
 * The mark by which the person is to be left alone on the channel, or undefined when they may be
 * written to: the later of what was said of the channel and of all channels holds.
 */
export function leftAlone(marks: readonly ConsentMark[], channel: Channel): ConsentMark | undefined {
  const deciding = marks
    .filter((mark) => mark.channel === undefined || mark.channel === channel)
    .reduce<ConsentMark | undefined>((a, b) => (a === undefined ? b : stronger(a, b)), undefined);
  return deciding === undefined || deciding.outcome === 'resubscribed' ? undefined : deciding;
}

/**
 * When a word without a time of its own counts as said: now, but after everything said before,
 * also where the clock of the server that heard the earlier word runs ahead.
 */
export function timeOfWord(marks: readonly ConsentMark[], nowMs: EpochMs): EpochMs {
  return marks.reduce((latestMs, mark) => Math.max(latestMs, mark.atMs + 1), nowMs);
}

/** Later wins; at a tie, leaving alone wins; of two that say the same, the first. */
function stronger(a: ConsentMark, b: ConsentMark): ConsentMark {
  if (a.atMs !== b.atMs) return a.atMs > b.atMs ? a : b;
  return a.outcome === 'resubscribed' && b.outcome !== 'resubscribed' ? b : a;
}
