import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/core/random.js';
import { DAY_MS, HOUR_MS } from '../../src/core/time.js';
import { chooseQueryPoints, horizonMs, sample } from '../../src/training/queryPoints.js';
import { takenBy } from '../../src/training/taken.js';
import { aBehaviour, NOON_MS } from '../support/builders.js';
import { someMonths, TOWN_END_MS } from './pastWorld.js';

const options = { untilMs: TOWN_END_MS, perUser: 3, seed: 7 };

describe('query points', () => {
  const behaviours = someMonths();
  const points = chooseQueryPoints(behaviours, options);
  const first = behaviours[0]?.occurredAtMs as number;
  const span = (behaviours[behaviours.length - 1]?.occurredAtMs as number) - first;

  it('are the same for the same seed, and others for another', () => {
    expect(points.length).toBeGreaterThan(10);
    expect(chooseQueryPoints(behaviours, options)).toEqual(points);
    expect(chooseQueryPoints(behaviours, { ...options, seed: 8 })).not.toEqual(points);
  });

  it('come in order of time, a few a person, once the log has run for a while', () => {
    const times = points.map(({ atMs }) => atMs);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    // Right before the first visit that counts may be a millisecond before the warm-up ends.
    expect(times[0] as number).toBeGreaterThanOrEqual(first + 0.3 * span - 1);
    for (const userId of new Set(points.map((point) => point.userId))) {
      expect(points.filter((point) => point.userId === userId).length).toBeLessThanOrEqual(2 * 3);
    }
  });

  it('have for targets exactly what the person turned to after it, within the horizon', () => {
    for (const { userId, atMs, targets } of points) {
      const expected = new Map<string, number>();
      for (const { productId, type, userId: who, occurredAtMs } of behaviours) {
        const isLater = occurredAtMs > atMs && occurredAtMs <= atMs + horizonMs(span);
        if (who !== userId || !isLater || productId === undefined || type === 'refund') continue;
        expected.set(productId, (expected.get(productId) ?? 0) | takenBy(type));
      }
      expect(targets).toEqual(expected);
      expect(targets.size).toBeGreaterThan(0);
    }
  });

  it('lie within visits as well as before them', () => {
    const visit = (day: number) =>
      [0, 5, 9].map((minute) => aBehaviour({ occurredAtMs: NOON_MS + day * DAY_MS + minute * 60_000 }));
    const days = [0, 4, 5, 6, 7, 8, 10];
    const ofOne = days.flatMap(visit);
    const asked = chooseQueryPoints(ofOne, { ...options, perUser: 50, untilMs: NOON_MS + 20 * DAY_MS });
    const withinVisits = days
      .filter((day) => day >= 3)
      .flatMap((day) => [5, 9].map((minute) => NOON_MS + day * DAY_MS + minute * 60_000 - 1));
    expect(asked.map(({ atMs }) => atMs).filter((atMs) => withinVisits.includes(atMs))).toEqual(withinVisits);
    expect(asked).toHaveLength(withinVisits.length + days.filter((day) => day >= 3).length);
  });

  it('never know of what comes at or after the end', () => {
    const untilMs = first + 0.6 * span;
    const cut = behaviours.filter(({ occurredAtMs }) => occurredAtMs < untilMs);
    expect(cut.length).toBeLessThan(behaviours.length);
    expect(chooseQueryPoints(behaviours, { ...options, untilMs })).toEqual(
      chooseQueryPoints(cut, { ...options, untilMs }),
    );
  });

  it('do not take dislike, refund and stars for something worth showing', () => {
    const visit = (type: 'browse' | 'not_interested' | 'refund' | 'review', days: number) =>
      aBehaviour({ type, rating: 5, occurredAtMs: NOON_MS + days * DAY_MS });
    const disliked = [
      visit('browse', 0),
      visit('not_interested', 9),
      visit('refund', 9.5),
      visit('review', 10),
    ];
    expect(chooseQueryPoints(disliked, { ...options, untilMs: NOON_MS + 20 * DAY_MS })).toEqual([]);
  });

  it('look ahead for a small part of the log, a few hours at least and some months at most', () => {
    expect(horizonMs(HOUR_MS)).toBe(6 * HOUR_MS);
    expect(horizonMs(100 * DAY_MS)).toBeLessThan(30 * DAY_MS);
    expect(horizonMs(100 * DAY_MS)).toBeGreaterThan(horizonMs(50 * DAY_MS));
    expect(horizonMs(9_000 * DAY_MS)).toBe(horizonMs(90_000 * DAY_MS));
  });

  it('answer nothing for an empty log', () => {
    expect(chooseQueryPoints([], options)).toEqual([]);
  });
});

describe('sampling', () => {
  it('takes so many different items, all of them when there are fewer, each about equally often', () => {
    const items = ['a', 'b', 'c', 'd'];
    const random = seededRandom(3);
    const seen = new Map<string, number>();
    for (let i = 0; i < 4_000; i++) {
      const taken = sample(items, 2, random);
      expect(new Set(taken).size).toBe(2);
      for (const item of taken) seen.set(item, (seen.get(item) ?? 0) + 1);
    }
    for (const item of items) expect(Math.abs((seen.get(item) as number) - 2_000)).toBeLessThan(150);
    expect(sample(items, 9, random).sort()).toEqual(items);
    expect(items).toEqual(['a', 'b', 'c', 'd']);
  });
});
