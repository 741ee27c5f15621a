import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fillUp, topProducts } from '../../../src/evaluation/baselines/topProducts.js';

it('the top products are those that sorting everything would give', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -2, max: 9 })), fc.nat({ max: 12 }), (scores, k) => {
      const sorted = [...scores.entries()]
        .filter(([, score]) => score > 0)
        .sort(([a, scoreA], [b, scoreB]) => scoreB - scoreA || a - b)
        .slice(0, k)
        .map(([product]) => product);
      expect(topProducts(scores.keys(), Float64Array.from(scores), k)).toEqual(sorted);
    }),
  );
});

it('filling up keeps the first part, repeats nothing and stops at the length', () => {
  expect(fillUp([3, 1], [1, 2, 4, 5], 4)).toEqual([3, 1, 2, 4]);
  expect(fillUp([3, 1], [2], 1)).toEqual([3]);
});
