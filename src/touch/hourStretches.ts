import { DAY_MS, type EpochMs, HOUR_MS, MINUTE_MS } from '../core/time.js';
import { HOURS_OF_DAY } from './hourProfile.js';
import type { QuietSpan } from './quietHours.js';
import { offsetChange, wallTime } from './zoneClock.js';

/** An hour by the wall clock, as far as it may be used. */
export interface HourStretch {
  /** 0–23. */
  readonly hour: number;
  /** The first moment in it that is neither past nor quiet. */
  readonly fromMs: EpochMs;
}

/** In so long a time every hour of the day comes round, also one that summer time skips once. */
export const HOUR_HORIZON_MS = 2 * DAY_MS;

/**
 * The hours from now to the deadline (at most two days ahead) with the first moment of each that is
 * outside all quiet hours; hours that are quiet throughout are left out. Where the offset changes, an
 * hour may be cut short, skipped, or come twice; each moment here is exact all the same.
 */
export function hourStretches({
  timezone,
  nowMs,
  deadlineMs = Number.POSITIVE_INFINITY,
  quiet,
}: {
  timezone: string;
  nowMs: EpochMs;
  deadlineMs?: EpochMs;
  quiet: readonly QuietSpan[];
}): HourStretch[] {
  const untilMs = Math.min(deadlineMs, nowMs + HOUR_HORIZON_MS);
  const stretches: HourStretch[] = [];
  // Nearly always there is no change in the two days, and one look at the clock does for all hours.
  const changeMs = offsetChange(timezone, { afterMs: nowMs, untilMs: nowMs + HOUR_HORIZON_MS });
  let wallMinusUtc = wallTime(timezone, nowMs) - nowMs;
  let startMs = nowMs;
  while (startMs <= untilMs) {
    const wall = startMs + wallMinusUtc;
    let endMs = startMs + HOUR_MS - modulo(wall, HOUR_MS);
    if (changeMs !== undefined && startMs < changeMs && changeMs <= endMs) {
      endMs = changeMs;
      wallMinusUtc = wallTime(timezone, changeMs) - changeMs;
    }
    const lastMs = Math.min(endMs - 1, untilMs);
    const openWall = firstOpen(quiet, { fromWall: wall, untilWall: wall + lastMs - startMs });
    if (openWall !== undefined) {
      const hour = Math.floor(modulo(wall, DAY_MS) / HOUR_MS) % HOURS_OF_DAY;
      stretches.push({ hour, fromMs: startMs + openWall - wall });
    }
    startMs = endMs;
  }
  return stretches;
}

/** The first moment of the span, both ends included, at which no quiet hours reign; the wall runs evenly in it. */
function firstOpen(
  quiet: readonly QuietSpan[],
  { fromWall, untilWall }: { fromWall: number; untilWall: number },
): number | undefined {
  let wall = fromWall;
  while (wall <= untilWall) {
    const open = quiet.reduce((at, span) => at + msLeft(span, at), wall);
    if (open === wall) return wall;
    wall = open;
  }
  return undefined;
}

/** How long the quiet hours go on, 0 outside of them (`quietUntil`, where no offset changes). */
function msLeft({ startMinute, endMinute }: QuietSpan, wall: number): number {
  const sinceStart = modulo(wall - startMinute * MINUTE_MS, DAY_MS);
  return Math.max(0, modulo((endMinute - startMinute) * MINUTE_MS, DAY_MS) - sinceStart);
}

function modulo(value: number, divisor: number): number {
  return value - Math.floor(value / divisor) * divisor;
}
