import { DAY_MS, type EpochMs } from '../core/time.js';
import { opensFrom } from './capCourse.js';
import { goodHourFrom } from './goodHourState.js';
import { quietUntil } from './quietHours.js';
import type { RuleStanding } from './ruleState.js';

/** In a week every hour of the day comes round, also one that summer time skips once. */
const LONGEST_SEARCH_MS = 8 * DAY_MS;

/**
 * The first moment from now on at which all of these rules are open, which are not so for ever; undefined
 * when quiet hours leave none. Where one opens the others may have to be waited for again, since nights and
 * promotions begin.
 */
export function allOpenAt(
  standings: readonly RuleStanding[],
  { timezone, nowMs }: { timezone: string; nowMs: EpochMs },
): EpochMs | undefined {
  let atMs = nowMs;
  let capsOpenMs = nowMs;
  while (atMs - capsOpenMs <= LONGEST_SEARCH_MS) {
    const roomMs = standings.reduce(
      (at, { course }) => (course === undefined ? at : Math.max(at, opensFrom(course, atMs))),
      atMs,
    );
    if (roomMs > atMs) {
      [atMs, capsOpenMs] = [roomMs, roomMs];
      continue;
    }
    const quietOverMs = standings.reduce(
      (at, { state }) => (state.kind === 'quiet_hours' ? quietUntil(state.rule, timezone, at) : at),
      atMs,
    );
    if (quietOverMs > atMs) {
      atMs = quietOverMs;
      continue;
    }
    const goodMs = standings.reduce(
      (at, { state }) => (state.kind === 'good_hour' ? goodHourFrom(state, at) : at),
      atMs,
    );
    if (goodMs === atMs) return atMs;
    atMs = goodMs;
  }
  return undefined;
}
