import fc from 'fast-check';
import { expect, it } from 'vitest';
import { sample } from '../../src/evaluation/sample.js';

it('a sample is as large as asked where it can be, repeats nobody and repeats for its seed', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat()), fc.nat({ max: 50 }), fc.nat(), (items, size, seed) => {
      const drawn = sample(items, size, seed);
      expect(drawn).toHaveLength(Math.min(size, items.length));
      expect(new Set(drawn).size).toBe(drawn.length);
      expect(drawn.every((item) => items.includes(item))).toBe(true);
      expect(sample(items, size, seed)).toEqual(drawn);
    }),
  );
});

it('a sample without a limit holds everybody', () => {
  expect(sample(['a', 'b', 'c'], Infinity, 1).toSorted()).toEqual(['a', 'b', 'c']);
});
