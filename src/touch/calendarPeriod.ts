import { DAY_MS, type EpochMs } from '../core/time.js';
import type { CalendarUnit } from './touchPolicy.js';
import { firstInstantAt, type WallMs, wallTime } from './zoneClock.js';

/** From `startMs` (in) to `endMs` (out). */
export interface CalendarPeriod {
  readonly startMs: EpochMs;
  readonly endMs: EpochMs;
}

export interface ZoneUnit {
  /** IANA name. */
  readonly timezone: string;
  readonly unit: CalendarUnit;
}

const MAX_REMEMBERED = 5_000;

/** The period last asked for, by zone and unit: nearly every question is about now. */
const latest = new Map<string, CalendarPeriod>();

/**
 * The day, week (from Monday) or month of a time zone that holds an instant. A period starts at
 * the first instant whose local date is in it and ends where the next one starts, so that periods
 * follow each other without gap or overlap even where summer time skips or repeats midnight.
 */
export function calendarPeriod(zoneUnit: ZoneUnit, atMs: EpochMs): CalendarPeriod {
  const key = `${zoneUnit.unit} ${zoneUnit.timezone}`;
  const known = latest.get(key);
  if (known !== undefined && atMs >= known.startMs && atMs < known.endMs) return known;
  const period = periodAround(zoneUnit, atMs);
  if (latest.size >= MAX_REMEMBERED) latest.clear();
  latest.set(key, period);
  return period;
}

function periodAround({ timezone, unit }: ZoneUnit, atMs: EpochMs): CalendarPeriod {
  let first = firstDay(unit, wallTime(timezone, atMs));
  let next = followingFirstDay(unit, first);
  let endMs = firstInstantAt(timezone, next);
  if (atMs >= endMs) {
    // The clock was set back over midnight and shows the old date once more.
    first = next;
    next = followingFirstDay(unit, first);
    endMs = firstInstantAt(timezone, next);
  }
  return { startMs: firstInstantAt(timezone, first), endMs };
}

/** Midnight, by the wall, of the first day of the period that `wall` is in. */
function firstDay(unit: CalendarUnit, wall: WallMs): WallMs {
  const day = Math.floor(wall / DAY_MS) * DAY_MS;
  switch (unit) {
    case 'day':
      return day as WallMs;
    case 'week':
      return (day - ((new Date(day).getUTCDay() + 6) % 7) * DAY_MS) as WallMs;
    case 'month':
      return (day - (new Date(day).getUTCDate() - 1) * DAY_MS) as WallMs;
  }
}

function followingFirstDay(unit: CalendarUnit, first: WallMs): WallMs {
  switch (unit) {
    case 'day':
      return (first + DAY_MS) as WallMs;
    case 'week':
      return (first + 7 * DAY_MS) as WallMs;
    case 'month': {
      const date = new Date(first);
      return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1) as WallMs;
    }
  }
}
