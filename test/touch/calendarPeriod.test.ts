import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { calendarPeriod } from '../../src/touch/calendarPeriod.js';
import { firstInstantAt, isTimezone, type WallMs, wallTime } from '../../src/touch/zoneClock.js';
import { DAY, HOUR } from './builders.js';

const utc = (text: string) => Date.parse(`${text}Z`);
const wall = (text: string) => utc(text) as WallMs;

describe('calendar periods in a time zone', () => {
  it('C5: a day in Shanghai runs from 16:00 UTC to 16:00 UTC', () => {
    expect(calendarPeriod({ timezone: 'Asia/Shanghai', unit: 'day' }, utc('2025-06-01T12:00'))).toEqual({
      startMs: utc('2025-05-31T16:00'),
      endMs: utc('2025-06-01T16:00'),
    });
  });

  it('C5: a week starts on Monday, a month on the first', () => {
    const sunday = utc('2025-06-01T12:00');
    expect(calendarPeriod({ timezone: 'UTC', unit: 'week' }, sunday)).toEqual({
      startMs: utc('2025-05-26T00:00'),
      endMs: utc('2025-06-02T00:00'),
    });
    expect(calendarPeriod({ timezone: 'UTC', unit: 'month' }, utc('2024-02-29T23:59'))).toEqual({
      startMs: utc('2024-02-01T00:00'),
      endMs: utc('2024-03-01T00:00'),
    });
  });

  it('C5: a day of 23 hours and one of 25 are as long as they are', () => {
    const length = (at: string) => {
      const { startMs, endMs } = calendarPeriod({ timezone: 'Europe/Berlin', unit: 'day' }, utc(at));
      return (endMs - startMs) / HOUR;
    };
    expect([length('2025-03-30T12:00'), length('2025-10-26T12:00')]).toEqual([23, 25]);
  });

  it('C5: where summer time skips midnight the day starts at the skip', () => {
    // São Paulo, 4 November 2018: 23:59:59 (-03) is followed by 01:00 (-02), at 03:00 UTC.
    expect(
      calendarPeriod({ timezone: 'America/Sao_Paulo', unit: 'day' }, utc('2018-11-04T12:00')).startMs,
    ).toBe(utc('2018-11-04T03:00'));
    // Cairo, 26 April 2024: midnight is skipped, at 22:00 UTC.
    expect(calendarPeriod({ timezone: 'Africa/Cairo', unit: 'day' }, utc('2024-04-25T12:00')).endMs).toBe(
      utc('2024-04-25T22:00'),
    );
  });

  it('C5: where midnight comes twice the day starts once', () => {
    // Cuba, 2 November 2025: 01:00 falls back to 00:00.
    const { startMs, endMs } = calendarPeriod(
      { timezone: 'America/Havana', unit: 'day' },
      utc('2025-11-02T12:00'),
    );
    expect([startMs, endMs]).toEqual([utc('2025-11-02T04:00'), utc('2025-11-03T05:00')]);
    // St John's, 29 October 2006: 00:01 falls back to 23:01 of the day before, whose date shows again.
    const timezone = 'America/St_Johns';
    const newDay = firstInstantAt(timezone, wall('2006-10-29T00:00'));
    const shownOnceMore = newDay + 30 * 60_000;
    expect(new Date(wallTime(timezone, shownOnceMore)).getUTCDate()).toBe(28);
    expect(calendarPeriod({ timezone, unit: 'day' }, shownOnceMore).startMs).toBe(newDay);
  });

  it('C5: periods follow each other without gap or overlap, in every zone', () => {
    const zones = [
      'America/Sao_Paulo',
      'Africa/Cairo',
      'America/St_Johns',
      'Australia/Lord_Howe',
      'Pacific/Apia',
      'America/Havana',
      'Asia/Shanghai',
      'Asia/Kathmandu',
      'Africa/Casablanca',
    ];
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.constantFrom('day' as const, 'week' as const, 'month' as const),
        fc.integer({ min: utc('1995-01-01T00:00'), max: utc('2035-01-01T00:00') }),
        (timezone, unit, atMs) => {
          const period = calendarPeriod({ timezone, unit }, atMs);
          expect(period.startMs).toBeLessThanOrEqual(atMs);
          expect(period.endMs).toBeGreaterThan(atMs);
          expect(calendarPeriod({ timezone, unit }, period.endMs - 1)).toEqual(period);
          expect(calendarPeriod({ timezone, unit }, period.endMs).startMs).toBe(period.endMs);
          expect(calendarPeriod({ timezone, unit }, period.startMs - 1).endMs).toBe(period.startMs);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('C5: a period starts at the first instant of its local date', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('America/Sao_Paulo', 'Africa/Cairo', 'Europe/Berlin', 'Australia/Lord_Howe'),
        fc.integer({ min: 0, max: 40 * 365 }),
        (timezone, days) => {
          const { startMs } = calendarPeriod({ timezone, unit: 'day' }, utc('1995-01-01T12:00') + days * DAY);
          const date = (atMs: number) => new Date(wallTime(timezone, atMs)).toISOString().slice(0, 10);
          expect(date(startMs) > date(startMs - 1)).toBe(true);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('knows the zones of the time zone database and no others', () => {
    expect(isTimezone('Asia/Shanghai')).toBe(true);
    expect(isTimezone('Mars/Olympus')).toBe(false);
    expect(isTimezone('')).toBe(false);
  });
});
