import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  emptyRepeatStats,
  INTERVAL_EDGES_DAYS,
  isDueAgain,
  noteDays,
  type RepeatStats,
  repeatOutlook,
  UNKNOWN_OUTLOOK,
} from '../../src/behaviour/repurchase.js';

/** One person's purchase days handed over one by one, in the order given. */
function buy(stats: RepeatStats, days: readonly number[]): void {
  let known: number[] = [];
  for (const day of days) {
    if (known.includes(day)) continue;
    const after = [...known, day].sort((a, b) => a - b);
    noteDays(stats, { before: known, after });
    known = after;
  }
}

function everyMonth(buyers: number): RepeatStats {
  const stats = emptyRepeatStats();
  for (let i = 0; i < buyers; i++) buy(stats, [i, i + 28, i + 56, i + 84]);
  return stats;
}

function onceEach(buyers: number): RepeatStats {
  const stats = emptyRepeatStats();
  for (let i = 0; i < buyers; i++) buy(stats, [i]);
  return stats;
}

describe('repurchase', () => {
  it('R8: milk powder bought every four weeks is due after about that long, not after a week', () => {
    const outlook = repeatOutlook(everyMonth(200));
    expect(outlook.repeatShareRatio).toBeGreaterThan(0.8);
    expect(outlook.medianDays).toBeGreaterThan(23);
    expect(outlook.medianDays).toBeLessThanOrEqual(38);
    expect(isDueAgain(outlook, 7)).toBe(false);
    expect(isDueAgain(outlook, 35)).toBe(true);
  });

  it('R8: a sofa that nobody bought twice stays away for half a year', () => {
    const outlook = repeatOutlook(onceEach(200));
    expect(isDueAgain(outlook, 35)).toBe(false);
    expect(isDueAgain(outlook, 179)).toBe(false);
    expect(isDueAgain(outlook, 180)).toBe(true);
  });

  it('R8: what nothing is known of is taken for a sofa, not for milk powder', () => {
    expect(repeatOutlook(emptyRepeatStats())).toEqual(UNKNOWN_OUTLOOK);
    expect(isDueAgain(UNKNOWN_OUTLOOK, 35)).toBe(false);
  });

  it('R8: a new product of a category that is bought again is expected to be bought again', () => {
    const category = repeatOutlook(everyMonth(200));
    const fresh = repeatOutlook(onceEach(1), category);
    expect(fresh.repeatShareRatio).toBeGreaterThan(0.7);
    expect(isDueAgain(fresh, 35)).toBe(true);
  });

  it('R8: an interval beyond a year counts as one of a year', () => {
    const stats = emptyRepeatStats();
    buy(stats, [0, 3_000]);
    expect(stats.intervals[INTERVAL_EDGES_DAYS.length - 1]).toBe(1);
  });

  it('R8: property: the statistics do not depend on the order in which purchases arrive', () => {
    const days = fc.uniqueArray(fc.integer({ min: 0, max: 2_000 }), { minLength: 1, maxLength: 10 });
    fc.assert(
      fc.property(days, fc.infiniteStream(fc.nat()), (inOrder, keys) => {
        const [a, b] = [emptyRepeatStats(), emptyRepeatStats()];
        buy(a, inOrder);
        buy(
          b,
          inOrder
            .map((day) => ({ day, key: keys.next().value as number }))
            .sort((x, y) => x.key - y.key)
            .map(({ day }) => day),
        );
        expect(b).toEqual(a);
        expect(a.buyers).toBe(1);
        expect(a.intervals.reduce((sum, count) => sum + count, 0)).toBe(inOrder.length - 1);
      }),
    );
  });

  it('R8: property: outlooks are finite shares and positive spans, and once due stays due', () => {
    const people = fc.array(fc.uniqueArray(fc.integer({ min: 0, max: 1_000 }), { minLength: 1 }), {
      maxLength: 30,
    });
    fc.assert(
      fc.property(people, people, fc.nat(400), (own, wider, days) => {
        const [ownStats, widerStats] = [emptyRepeatStats(), emptyRepeatStats()];
        for (const person of own) buy(ownStats, person);
        for (const person of wider) buy(widerStats, person);
        const outlook = repeatOutlook(ownStats, repeatOutlook(widerStats));
        expect(outlook.repeatShareRatio).toBeGreaterThan(0);
        expect(outlook.repeatShareRatio).toBeLessThanOrEqual(1);
        expect(outlook.soonDays).toBeGreaterThan(0);
        expect(outlook.soonDays).toBeLessThanOrEqual(365);
        if (isDueAgain(outlook, days)) expect(isDueAgain(outlook, days + 1)).toBe(true);
      }),
    );
  });
});
