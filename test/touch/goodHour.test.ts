import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dayPart } from '../../src/touch/dayPart.js';
import { exploredHour, type GoodHourQuestion, goodHour } from '../../src/touch/goodHour.js';
import { emptyHours, foldHours, hourProfile, localHour, readHours } from '../../src/touch/hourProfile.js';
import { isQuiet } from '../../src/touch/quietHours.js';
import { DAY, HOUR, MINUTE } from './builders.js';

const utc = (text: string) => Date.parse(`${text}Z`);
const NIGHT = { startMinute: 22 * 60, endMinute: 8 * 60 };
const EVEN = new Array<number>(24).fill(1);

const peak = (...hours: number[]) => ({
  openRatio: EVEN.map((_, hour) => (hours.includes(hour) ? 0.5 : 0.1)),
});

describe('the good hour', () => {
  it('C2: is now where now is nearly as good as the best, else the moment the good hour begins', () => {
    const ask = (at: string, profile: GoodHourQuestion['profile'] = peak(20)) =>
      goodHour({ profile, timezone: 'Asia/Shanghai', nowMs: utc(at), quiet: [NIGHT] });
    expect(ask('2025-06-01T12:30')).toMatchObject({
      verdict: 'now',
      sendAtMs: utc('2025-06-01T12:30'),
      hour: 20,
    });
    expect(ask('2025-06-01T03:10')).toMatchObject({ verdict: 'wait', sendAtMs: utc('2025-06-01T12:00') });
    expect(ask('2025-06-01T13:00')).toMatchObject({ verdict: 'wait', sendAtMs: utc('2025-06-02T12:00') });
    const nearly = { openRatio: peak(20).openRatio.map((ratio, hour) => (hour === 11 ? 0.46 : ratio)) };
    expect(ask('2025-06-01T03:10', nearly)).toMatchObject({ verdict: 'now', hour: 11, bestHour: 20 });
  });

  it('C2: takes the best of what is left before the deadline and never drops', () => {
    const nowMs = utc('2025-06-01T09:30');
    const where = { profile: peak(20), timezone: 'UTC', nowMs };
    expect(goodHour({ ...where, deadlineMs: utc('2025-06-01T19:59'), quiet: [] }).verdict).toBe('now');
    expect(goodHour({ ...where, deadlineMs: utc('2025-06-01T20:00'), quiet: [] })).toMatchObject({
      verdict: 'wait',
      sendAtMs: utc('2025-06-01T20:00'),
    });
    const allDay = [NIGHT, { startMinute: 8 * 60, endMinute: 22 * 60 }];
    expect(goodHour({ ...where, quiet: allDay })).toEqual({
      sendAtMs: nowMs,
      verdict: 'no_choice',
      explored: false,
    });
  });

  it('C2: is exact over changes of summer time', () => {
    const berlin = { timezone: 'Europe/Berlin', quiet: [] };
    // 30 March 2025: 02:00 is skipped, so the next 2 o'clock is a day later.
    expect(goodHour({ ...berlin, profile: peak(2), nowMs: utc('2025-03-30T00:30') }).sendAtMs).toBe(
      utc('2025-03-31T00:00'),
    );
    expect(goodHour({ ...berlin, profile: peak(9), nowMs: utc('2025-03-29T20:00') }).sendAtMs).toBe(
      utc('2025-03-30T07:00'),
    );
    // 26 October 2025: 2 o'clock comes twice; the first time will do.
    expect(goodHour({ ...berlin, profile: peak(2), nowMs: utc('2025-10-25T22:00') }).sendAtMs).toBe(
      utc('2025-10-26T00:00'),
    );
    // Lord Howe, 5 October 2025: half an hour is skipped, 02:00 to 02:30 at 15:30 UTC on the 4th.
    const island = { timezone: 'Australia/Lord_Howe', quiet: [] };
    expect(goodHour({ ...island, profile: peak(2), nowMs: utc('2025-10-04T12:00') }).sendAtMs).toBe(
      utc('2025-10-04T15:30'),
    );
  });

  const question = fc
    .record({
      openRatio: fc.array(fc.constantFrom(0.05, 0.1, 0.11, 0.2, 0.21), { minLength: 24, maxLength: 24 }),
      timezone: fc.constantFrom(
        'America/Sao_Paulo',
        'Africa/Cairo',
        'Europe/Berlin',
        'Australia/Lord_Howe',
        'Asia/Kolkata',
        'UTC',
      ),
      from: fc.constantFrom(
        '2018-11-03T00:00',
        '2018-02-17T00:00',
        '2024-04-25T00:00',
        '2025-03-29T00:00',
        '2025-10-25T00:00',
        '2025-10-04T00:00',
      ),
      minutes: fc.integer({ min: 0, max: 48 * 60 }),
      deadlineHours: fc.option(fc.integer({ min: 0, max: 60 }), { nil: undefined }),
      quiet: fc.array(
        fc
          .record({ start: fc.integer({ min: 0, max: 95 }), length: fc.integer({ min: 1, max: 60 }) })
          .map(({ start, length }) => ({ startMinute: start * 15, endMinute: ((start + length) % 96) * 15 })),
        { maxLength: 2 },
      ),
      explore: fc.option(fc.integer({ min: 0, max: 23 }), { nil: undefined }),
    })
    .map(({ openRatio, timezone, from, minutes, deadlineHours, quiet, explore }): GoodHourQuestion => {
      const nowMs = utc(from) + minutes * MINUTE;
      return {
        profile: { openRatio },
        timezone,
        nowMs,
        quiet,
        ...(deadlineHours !== undefined && { deadlineMs: nowMs + deadlineHours * HOUR }),
        ...(explore !== undefined && { explore }),
      };
    });

  it('C2: is never past the deadline, never in quiet hours, and agrees with itself until then', () => {
    fc.assert(
      fc.property(question, fc.double({ min: 0, max: 1, noNaN: true }), (asked, part) => {
        const { sendAtMs, verdict, hour } = goodHour(asked);
        const { nowMs, timezone, quiet, deadlineMs = Number.POSITIVE_INFINITY } = asked;
        expect(sendAtMs).toBeGreaterThanOrEqual(nowMs);
        expect(sendAtMs).toBeLessThanOrEqual(Math.min(deadlineMs, nowMs + 2 * DAY));
        if (verdict === 'no_choice') return;
        expect(quiet.some((span) => isQuiet(span, timezone, sendAtMs))).toBe(false);
        expect(hour).toBe(localHour(timezone, sendAtMs));
        expect(goodHour({ ...asked, nowMs: sendAtMs }).verdict).toBe('now');
        if (verdict === 'now') return;
        const between = nowMs + Math.floor(part * (sendAtMs - 1 - nowMs));
        expect(goodHour({ ...asked, nowMs: between }).sendAtMs).toBe(sendAtMs);
        expect(goodHour({ ...asked, nowMs: sendAtMs - 1 }).sendAtMs).toBe(sendAtMs);
      }),
      { numRuns: 1_000 },
    );
  });

  it('C2: tries another hour for at most one message in twenty, the same for a retry', () => {
    const profile = { openRatio: peak(9).openRatio, sends: new Array<number>(24).fill(0) };
    const tried = Array.from({ length: 4_000 }, (_, i) =>
      exploredHour(profile, { requestId: `request-${i}`, exploredRatio: 1 }),
    );
    const explored = tried.filter((hour) => hour !== undefined);
    expect(explored.length).toBeGreaterThan(100);
    expect(explored.length).toBeLessThan(0.06 * tried.length);
    expect(new Set(explored).size).toBeGreaterThan(20);
    expect(exploredHour(profile, { requestId: 'request-7', exploredRatio: 1 })).toBe(tried[7]);
    expect(exploredHour(profile, { requestId: 'request-7', exploredRatio: 0 })).toBeUndefined();
    const certain = { ...profile, sends: new Array<number>(24).fill(1_000) };
    const again = Array.from({ length: 4_000 }, (_, i) =>
      exploredHour(certain, { requestId: `request-${i}`, exploredRatio: 0.05 }),
    );
    expect(new Set(again)).toEqual(new Set([undefined, 9]));
  });
});

describe('the hours of a person', () => {
  const day = utc('2025-06-01T00:00');
  const at = (hour: number, count: number, opens: number) =>
    Array.from({ length: count }, (_, i) => {
      const sentAtMs = day + hour * HOUR - i * DAY;
      return i < opens ? { sentAtMs, openedAtMs: sentAtMs + 9 * HOUR } : { sentAtMs };
    });
  const flat = { populationCurve: EVEN, activity: new Array<number>(24).fill(0), openRatio: 0.2 };

  it('C2: an open belongs to the hour of its message, in whatever order things are told', () => {
    const touches = [...at(9, 30, 20), ...at(20, 30, 2)];
    const counts = readHours(foldHours(touches, 'UTC'), day);
    expect(counts.opens[9]).toBeGreaterThan(10);
    expect(counts.opens[18]).toBe(0);
    counts.opens.forEach((opens, hour) => {
      expect(opens).toBeLessThanOrEqual(counts.sends[hour] ?? 0);
    });
    const backwards = readHours(foldHours([...touches].reverse(), 'UTC'), day);
    backwards.sends.forEach((sends, hour) => {
      expect(sends).toBeCloseTo(counts.sends[hour] ?? 0, 9);
    });
    const { openRatio } = hourProfile(counts, flat);
    expect(openRatio.indexOf(Math.max(...openRatio))).toBe(9);
    expect(openRatio[8]).toBeGreaterThan(openRatio[14] ?? 1);
    expect(openRatio[20]).toBeLessThan(0.2);
  });

  it('C2: with nothing sent follows the population and the person’s own activity', () => {
    const nothing = readHours(emptyHours(), day);
    expect(hourProfile(nothing, flat).openRatio).toEqual(EVEN.map(() => expect.closeTo(0.2, 12)));
    const activity = EVEN.map((_, hour) => (hour === 21 ? 40 : 0));
    const { openRatio } = hourProfile(nothing, { ...flat, activity });
    expect(openRatio.indexOf(Math.max(...openRatio))).toBe(21);
  });

  it('C2: somebody is called a morning person only when the intervals are apart', () => {
    const counts = (...touches: Parameters<typeof foldHours>[0][]) =>
      readHours(
        foldHours(
          touches.flatMap((each) => [...each]),
          'UTC',
        ),
        day,
      );
    expect(dayPart(counts(at(9, 40, 30), at(20, 40, 4))).dayPart).toBe('morning');
    expect(dayPart(counts(at(9, 40, 4), at(20, 40, 30))).dayPart).toBe('evening');
    expect(dayPart(counts(at(9, 5, 4), at(20, 5, 1))).dayPart).toBeUndefined();
    expect(dayPart(counts(at(9, 40, 30))).dayPart).toBeUndefined();
  });
});
