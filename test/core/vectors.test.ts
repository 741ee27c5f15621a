import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cosine, heaviest, norm, normalise } from '../../src/core/vectors.js';

const someVector = fc
  .dictionary(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), fc.double({ min: -100, max: 100, noNaN: true }))
  .map((entries) => new Map(Object.entries(entries)));

describe('sparse vectors', () => {
  it('normalises to length 1 and keeps directions', () => {
    expect(
      normalise(
        new Map([
          ['a', 3],
          ['b', -4],
        ]),
      ),
    ).toEqual(
      new Map([
        ['a', 0.6],
        ['b', -0.8],
      ]),
    );
    expect(normalise(new Map([['a', 0]]))).toEqual(new Map());
  });

  it('finds 1 for one direction, −1 for the opposite, 0 for nothing in common or nothing at all', () => {
    expect(cosine(new Map([['a', 2]]), new Map([['a', 5]]))).toBe(1);
    expect(cosine(new Map([['a', 2]]), new Map([['a', -5]]))).toBe(-1);
    expect(cosine(new Map([['a', 2]]), new Map([['b', 5]]))).toBe(0);
    expect(cosine(new Map(), new Map([['a', 1]]))).toBe(0);
  });

  it('property: a cosine is the same both ways, within −1…1, and blind to length', () => {
    fc.assert(
      fc.property(someVector, someVector, (a, b) => {
        const degree = cosine(a, b);
        expect(degree).toBeGreaterThanOrEqual(-1);
        expect(degree).toBeLessThanOrEqual(1);
        expect(cosine(b, a)).toBeCloseTo(degree, 12);
        if (norm(a) > 1e-100 && norm(b) > 1e-100) {
          expect(cosine(normalise(a), normalise(b))).toBeCloseTo(degree, 9);
        }
      }),
    );
  });

  it('property: the heaviest are what a full sort would give, negative ones by their size', () => {
    fc.assert(
      fc.property(someVector, fc.nat(8), (vector, count) => {
        const sorted = [...vector].sort(
          ([tagA, a], [tagB, b]) => Math.abs(b) - Math.abs(a) || (tagA < tagB ? -1 : 1),
        );
        expect(heaviest(vector, count)).toEqual(sorted.slice(0, count));
      }),
    );
  });
});
