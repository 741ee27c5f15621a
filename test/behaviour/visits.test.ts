import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  emptyVisits,
  LONGEST_VISIT,
  MOST_OPEN,
  noteVisit,
  VISIT_GAP_MS,
  VISITS_KEPT,
  type Visits,
} from '../../src/behaviour/visits.js';
import { visitVotes } from '../../src/behaviour/visitVotes.js';
import { HOUR_MS } from '../../src/core/time.js';
import { NOON_MS } from '../support/builders.js';

/** One person turns to the products one after another, a minute apart. */
function visit(visits: Visits, userId: string, ordinals: readonly number[], startMs = NOON_MS): void {
  for (const [i, ordinal] of ordinals.entries()) {
    noteVisit(visits, { userId, ordinal, atMs: startMs + i * 60_000 });
  }
}

const productsOf = (visits: Visits, ordinal: number) =>
  visits.byProduct[ordinal]?.map(({ products }) => [...products]);

/** The products voted for, loudest first, but for those that were asked with. */
function votedFor(visits: Visits, latest: readonly number[]): number[] {
  return [...visitVotes(visits, latest)]
    .filter(([product]) => !latest.includes(product))
    .sort((a, b) => b[1] - a[1])
    .map(([product]) => product);
}

describe('visits', () => {
  it('R2: hold what one person turned to without a long pause, each product once', () => {
    const visits = emptyVisits();
    visit(visits, 'ann', [1, 2, 1, 3]);
    visit(visits, 'bo', [2, 4]);
    visit(visits, 'ann', [5], NOON_MS + 3 * 60_000 + VISIT_GAP_MS + 1);
    expect(productsOf(visits, 1)).toEqual([[1, 2, 3]]);
    expect(productsOf(visits, 2)).toEqual([
      [1, 2, 3],
      [2, 4],
    ]);
    expect(productsOf(visits, 5)).toEqual([[5]]);
    expect(visits.begun).toBe(3);
  });

  it('are kept in bounded memory: the latest of a product, the first products of a visit, the latest people', () => {
    const visits = emptyVisits();
    for (let person = 0; person < VISITS_KEPT + 10; person++) visit(visits, `u${person}`, [1, 100 + person]);
    expect(visits.byProduct[1]).toHaveLength(VISITS_KEPT);
    expect(visits.byProduct[1]?.[0]?.products).toEqual([1, 110]);

    visit(
      visits,
      'collector',
      Array.from({ length: LONGEST_VISIT + 20 }, (_, i) => 1_000 + i),
    );
    expect(visits.byProduct[1_000]?.[0]?.products).toHaveLength(LONGEST_VISIT);

    for (let person = 0; person <= MOST_OPEN; person++) visit(visits, `many-${person}`, [7]);
    expect(visits.open.size).toBe(MOST_OPEN);
    expect(visits.open.has('many-0')).toBe(false);
  });

  it('property: never more of anything than is kept, whatever comes in whatever order', () => {
    const act = fc.record({
      userId: fc.constantFrom('ann', 'bo', 'cy'),
      ordinal: fc.nat(4),
      atMs: fc.nat(400).map((hours) => NOON_MS - hours * HOUR_MS),
    });
    fc.assert(
      fc.property(fc.array(act, { maxLength: 400 }), (acts) => {
        const visits = emptyVisits();
        for (const each of acts) noteVisit(visits, each);
        for (const holding of visits.byProduct) {
          expect(holding?.length ?? 0).toBeLessThanOrEqual(VISITS_KEPT);
          for (const { products } of holding ?? []) {
            expect(new Set(products).size).toBe(products.length);
          }
        }
      }),
    );
  });
});

describe('votes of visits', () => {
  it('R2: the visits that share most with the latest one speak loudest', () => {
    const visits = emptyVisits();
    visit(visits, 'a', [1, 2, 3, 10]);
    visit(visits, 'b', [1, 11]);
    visit(visits, 'c', [20, 21]);
    expect(votedFor(visits, [3, 2, 1])).toEqual([10, 11]);
  });

  it('R2: what was done last counts most', () => {
    const visits = emptyVisits();
    visit(visits, 'a', [1, 10]);
    visit(visits, 'b', [2, 11]);
    expect(votedFor(visits, [1, 2])).toEqual([10, 11]);
    expect(votedFor(visits, [2, 1])).toEqual([11, 10]);
  });

  it('R2: what every visit holds is voted for less than what few hold', () => {
    const visits = emptyVisits();
    const bestseller = 99;
    for (let person = 0; person < 40; person++) visit(visits, `u${person}`, [bestseller, 100 + person]);
    visit(visits, 'a', [1, bestseller, 10]);
    expect(votedFor(visits, [1])).toEqual([10, bestseller]);
  });

  it('nobody votes where nothing was done, or nobody did it before', () => {
    const visits = emptyVisits();
    expect(visitVotes(visits, []).size).toBe(0);
    expect(visitVotes(visits, [3]).size).toBe(0);
  });

  it('property: votes are above 0 and finite, and the same when everything is done again', () => {
    const visitsOf = fc.array(fc.array(fc.nat(12), { minLength: 1, maxLength: 6 }), { maxLength: 60 });
    fc.assert(
      fc.property(visitsOf, fc.uniqueArray(fc.nat(14), { maxLength: 25 }), (all, latest) => {
        const [once, again] = [emptyVisits(), emptyVisits()].map((visits) => {
          for (const [i, products] of all.entries()) visit(visits, `u${i}`, products);
          return [...visitVotes(visits, latest)];
        });
        expect(once).toEqual(again);
        for (const [, vote] of once ?? []) {
          expect(vote).toBeGreaterThan(0);
          expect(Number.isFinite(vote)).toBe(true);
        }
      }),
    );
  });
});
