import type { CalendarUnit } from '../../../src/touch/touchPolicy.js';
import { DAY, MINUTE } from '../builders.js';

/** Wherever the histories are set clocks change on the quarter hour, so within one the offset is the same. */
const QUARTER = 15 * MINUTE;

const formatters = new Map<string, Intl.DateTimeFormat>();
const offsets = new Map<string, Map<number, number>>();
const ends = new Map<string, number>();

/** What the clock on the wall shows, as the moment at which a clock in Greenwich shows it. */
export function wallOf(timezone: string, atMs: number): number {
  const ofZone = offsets.get(timezone) ?? new Map<number, number>();
  offsets.set(timezone, ofZone);
  const quarterMs = Math.floor(atMs / QUARTER) * QUARTER;
  const offset = ofZone.get(quarterMs) ?? shownAt(timezone, quarterMs) - quarterMs;
  ofZone.set(quarterMs, offset);
  return atMs + offset;
}

/** By a formatter, and by nothing of what the room has for this. */
function shownAt(timezone: string, atMs: number): number {
  const known = formatters.get(timezone);
  const formatter =
    known ??
    new Intl.DateTimeFormat('sv-SE', { timeZone: timezone, dateStyle: 'short', timeStyle: 'medium' });
  formatters.set(timezone, formatter);
  return Date.parse(`${formatter.format(atMs).replace(' ', 'T')}Z`);
}

export function minuteOfDay(timezone: string, atMs: number): number {
  return Math.floor((wallOf(timezone, atMs) % DAY) / MINUTE);
}

/** The first moment after `atMs` at which the wall shows a date of another day, week (from Monday) or month. */
export function endOfUnit(timezone: string, unit: CalendarUnit, atMs: number): number {
  const own = unitOf(unit, wallOf(timezone, atMs));
  const key = `${timezone} ${unit} ${own}`;
  const known = ends.get(key);
  if (known !== undefined) return known;
  let endMs = Math.floor(atMs / QUARTER) * QUARTER;
  while (unitOf(unit, wallOf(timezone, endMs)) === own) endMs += QUARTER;
  ends.set(key, endMs);
  return endMs;
}

function unitOf(unit: CalendarUnit, wallMs: number): number {
  const day = Math.floor(wallMs / DAY);
  switch (unit) {
    case 'day':
      return day;
    case 'week':
      // The first of 1970 was a Thursday.
      return Math.floor((day + 3) / 7);
    case 'month': {
      const date = new Date(wallMs);
      return date.getUTCFullYear() * 12 + date.getUTCMonth();
    }
  }
}
