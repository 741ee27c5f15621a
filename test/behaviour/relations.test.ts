import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  emptyRelations,
  forEachNeighbour,
  RELATION_WINDOW_MS,
  type Relations,
  relate,
} from '../../src/behaviour/relations.js';
import { DAY_MS, HOUR_MS } from '../../src/core/time.js';
import { NOON_MS } from '../support/builders.js';

function closeness(relations: Relations, of: number, to: number, nowMs = NOON_MS): number {
  let found = 0;
  forEachNeighbour(relations, of, nowMs, (neighbour, close) => {
    if (neighbour === to) found = close;
  });
  return found;
}

/** One person acts on the products one after another, `gapMs` apart. */
function visit(relations: Relations, ordinals: readonly number[], gapMs = HOUR_MS): void {
  const recent: { ordinal: number; weight: number; atMs: number }[] = [];
  for (const [i, ordinal] of ordinals.entries()) {
    const product = { ordinal, weight: 1, atMs: NOON_MS + i * gapMs };
    relate(relations, product, recent);
    recent.unshift(product);
  }
}

describe('relations between products', () => {
  it('R2: what the same people act on is related, both ways, and the more people the closer', () => {
    const relations = emptyRelations();
    visit(relations, [1, 2]);
    const once = closeness(relations, 1, 2);
    expect(once).toBeGreaterThan(0);
    expect(closeness(relations, 2, 1)).toBeCloseTo(once, 12);
    visit(relations, [1, 2]);
    visit(relations, [2, 1]);
    expect(closeness(relations, 1, 2)).toBeGreaterThan(once);
    expect(closeness(relations, 1, 3)).toBe(0);
  });

  it('R2: one person is no proof: a single shared visit is far from close', () => {
    const relations = emptyRelations();
    visit(relations, [1, 2]);
    expect(closeness(relations, 1, 2)).toBeLessThan(0.25);
  });

  it('R2: one sitting relates more than days apart, and months apart nothing', () => {
    const [sitting, days, months] = [HOUR_MS, 3 * DAY_MS, RELATION_WINDOW_MS + 1].map((gapMs) => {
      const relations = emptyRelations();
      visit(relations, [1, 2], gapMs);
      return closeness(relations, 1, 2);
    });
    expect(sitting as number).toBeGreaterThan(days as number);
    expect(days as number).toBeGreaterThan(0);
    expect(months).toBe(0);
  });

  it('R2: what everybody acts on is not close to everything', () => {
    const relations = emptyRelations();
    const bestseller = 0;
    for (let person = 0; person < 100; person++) visit(relations, [bestseller, 10 + (person % 50)]);
    visit(relations, [1, 2]);
    visit(relations, [1, 2]);
    expect(closeness(relations, 1, 2)).toBeGreaterThan(closeness(relations, 10, bestseller));
  });

  it('property: closeness lies in (0, 1] whatever happened, decades apart too', () => {
    const product = fc.record({
      ordinal: fc.nat(5),
      weight: fc.integer({ min: 1, max: 8 }),
      atMs: fc.integer({ min: Date.UTC(1990, 0, 1), max: Date.UTC(2026, 0, 1) }),
    });
    fc.assert(
      fc.property(fc.array(fc.tuple(product, fc.array(product))), fc.nat(5), (acts, of) => {
        const relations = emptyRelations();
        for (const [act, recent] of acts) relate(relations, act, recent);
        forEachNeighbour(relations, of, Date.UTC(2026, 0, 1), (_, close) => {
          expect(Number.isFinite(close) && close >= 0 && close <= 1).toBe(true);
        });
      }),
    );
  });

  it('R2: keeps the closest neighbours when there are too many', () => {
    const relations = emptyRelations();
    for (let i = 0; i < 20; i++) visit(relations, [0, 1]);
    for (let other = 2; other < 1_500; other++) visit(relations, [0, other]);
    let kept = 0;
    forEachNeighbour(relations, 0, NOON_MS, () => {
      kept += 1;
    });
    expect(kept).toBeLessThanOrEqual(512);
    expect(closeness(relations, 0, 1)).toBeGreaterThan(0);
  });
});
