import { DAY_MS, type EpochMs, MINUTE_MS } from '../core/time.js';
import type { QuietHoursRule } from './touchPolicy.js';
import { offsetChange, type WallMs, wallTime } from './zoneClock.js';

/** The hours of a quiet rule, by the wall clock. */
export type QuietSpan = Pick<QuietHoursRule, 'startMinute' | 'endMinute'>;

/** Whether the wall clock of the zone stands in the quiet hours. */
export function isQuiet(span: QuietSpan, timezone: string, atMs: EpochMs): boolean {
  return isQuietWall(span, wallTime(timezone, atMs));
}

/**
 * The first instant from `atMs` on that is not quiet: `atMs` itself when it is not. Between two
 * changes of the offset the wall clock runs evenly, so the end is found by arithmetic in each
 * such stretch; a change (summer time skipping the end, or repeating the start) begins a new one.
 */
export function quietUntil(span: QuietSpan, timezone: string, atMs: EpochMs): EpochMs {
  let at = atMs;
  for (;;) {
    const wall = wallTime(timezone, at);
    if (!isQuietWall(span, wall)) return at;
    const endsMs = at + msToEnd(span, wall);
    const changeMs = offsetChange(timezone, { afterMs: at, untilMs: endsMs });
    if (changeMs === undefined) return endsMs;
    at = changeMs;
  }
}

function isQuietWall({ startMinute, endMinute }: QuietSpan, wall: WallMs): boolean {
  const minute = msOfDay(wall) / MINUTE_MS;
  return startMinute < endMinute
    ? minute >= startMinute && minute < endMinute
    : minute >= startMinute || minute < endMinute;
}

function msToEnd({ endMinute }: QuietSpan, wall: WallMs): number {
  const left = endMinute * MINUTE_MS - msOfDay(wall);
  return left > 0 ? left : left + DAY_MS;
}

function msOfDay(wall: WallMs): number {
  return wall - Math.floor(wall / DAY_MS) * DAY_MS;
}
