import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addDecayed, decayFactor, emptySum, readDecayed } from '../../src/core/decay.js';
import { DAY_MS, type EpochMs, halfLife } from '../../src/core/time.js';
import { NOON_MS } from '../support/builders.js';

const HALF_LIFE = halfLife(7 * DAY_MS);

const someTime = fc.integer({ min: Date.UTC(1990, 0, 1), max: Date.UTC(2035, 0, 1) });
const someHalfLife = fc.integer({ min: 1, max: 200 }).map((days) => halfLife(days * DAY_MS));
const someAdditions = fc.array(
  fc.record({ weight: fc.double({ min: 0.1, max: 100, noNaN: true }), atMs: someTime }),
  { minLength: 1, maxLength: 20 },
);

function sumOf(additions: readonly { weight: number; atMs: EpochMs }[], half = HALF_LIFE) {
  const sum = emptySum();
  for (const { weight, atMs } of additions) addDecayed(sum, weight, atMs, half);
  return sum;
}

describe('forward decay', () => {
  it('T6: what nobody did weighs nothing, at any time', () => {
    expect(readDecayed(emptySum(), NOON_MS, HALF_LIFE)).toBe(0);
  });

  it('T6: a weight is itself at once, half after one half-life, a quarter after two', () => {
    const sum = sumOf([{ weight: 8, atMs: NOON_MS }]);
    expect(readDecayed(sum, NOON_MS, HALF_LIFE)).toBeCloseTo(8, 12);
    expect(readDecayed(sum, NOON_MS + HALF_LIFE, HALF_LIFE)).toBeCloseTo(4, 12);
    expect(readDecayed(sum, NOON_MS + 2 * HALF_LIFE, HALF_LIFE)).toBeCloseTo(2, 12);
    expect(decayFactor(HALF_LIFE, HALF_LIFE)).toBe(0.5);
  });

  it('T6: property: a weight halves in each half-life, whatever was added and when', () => {
    fc.assert(
      fc.property(someAdditions, someHalfLife, fc.integer({ min: 0, max: 20 }), (additions, half, later) => {
        const sum = sumOf(additions, half);
        const nowMs = Math.max(...additions.map(({ atMs }) => atMs)) + later * half;
        const now = readDecayed(sum, nowMs, half);
        expect(now).toBeGreaterThan(0);
        expect(readDecayed(sum, nowMs + half, half) / now).toBeCloseTo(0.5, 9);
      }),
    );
  });

  it('T6: property: a positive weight only falls, and a negative one only rises, as time passes', () => {
    fc.assert(
      fc.property(
        someAdditions,
        someHalfLife,
        fc.constantFrom(1, -1),
        fc.array(fc.integer({ min: 0, max: 3_000 }), { minLength: 2, maxLength: 10 }),
        (additions, half, sign, days) => {
          const sum = sumOf(
            additions.map(({ weight, atMs }) => ({ weight: sign * weight, atMs })),
            half,
          );
          const newest = Math.max(...additions.map(({ atMs }) => atMs));
          const readings = days
            .sort((a, b) => a - b)
            .map((later) => sign * readDecayed(sum, newest + later * DAY_MS, half));
          for (const [i, reading] of readings.entries()) {
            expect(reading).toBeGreaterThanOrEqual(0);
            if (i > 0) expect(reading).toBeLessThanOrEqual(readings[i - 1] as number);
          }
        },
      ),
    );
  });

  it('T6: property: any order of the same weights reads the same, decades apart too', () => {
    const additionsTwice = someAdditions.chain((additions) =>
      fc.tuple(
        fc.constant(additions),
        fc.shuffledSubarray(additions, { minLength: additions.length, maxLength: additions.length }),
      ),
    );
    fc.assert(
      fc.property(additionsTwice, someHalfLife, ([additions, shuffled], half) => {
        const nowMs = Math.max(...additions.map(({ atMs }) => atMs));
        const plain = additions.reduce(
          (total, { weight, atMs }) => total + weight * 2 ** (-(nowMs - atMs) / half),
          0,
        );
        for (const order of [additions, shuffled]) {
          const read = readDecayed(sumOf(order, half), nowMs, half);
          expect(Math.abs(read - plain)).toBeLessThanOrEqual(1e-9 * plain);
        }
      }),
    );
  });

  it('T6: a landmark that moves on changes no reading', () => {
    const old = { weight: 3, atMs: NOON_MS };
    const far = { weight: 2 ** -250, atMs: NOON_MS + 257 * HALF_LIFE };
    const near = { weight: 2 ** -250, atMs: NOON_MS + 250 * HALF_LIFE };
    const [moved, stayed] = [sumOf([old, far]), sumOf([old, near])];
    expect(moved.landmarkMs).toBeGreaterThan(stayed.landmarkMs);
    const nowMs = NOON_MS + 257 * HALF_LIFE;
    const expected = 3 * 2 ** -257 + 2 ** -250;
    expect(readDecayed(moved, nowMs, HALF_LIFE) / expected).toBeCloseTo(1, 9);
    expect(readDecayed(stayed, nowMs, HALF_LIFE) / (3 * 2 ** -257 + 2 ** -257)).toBeCloseTo(1, 9);
  });

  it('property: is finite however far before or after the weights it is read', () => {
    fc.assert(
      fc.property(someAdditions, someTime, someHalfLife, (additions, nowMs, half) => {
        expect(Number.isFinite(readDecayed(sumOf(additions, half), nowMs, half))).toBe(true);
      }),
    );
  });
});
