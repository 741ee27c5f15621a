import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gini } from '../../src/core/gini.js';
import { exposureSpread, headOf } from '../../src/evaluation/exposure.js';

describe('exposure', () => {
  it('takes the largest into the head until 80 % is held', () => {
    const counts = new Map([
      ['tail', 5],
      ['big', 60],
      ['middle', 20],
      ['small', 15],
    ]);
    expect(headOf(counts)).toEqual(new Set(['big', 'middle']));
    expect(headOf(new Map())).toEqual(new Set());
  });

  it('has a Gini of 0 for equal shares and of (n − 1) ÷ n when one has all', () => {
    expect(gini([3, 3, 3])).toBe(0);
    expect(gini([0, 0, 0, 8])).toBeCloseTo(0.75, 12);
    expect(gini([1, 3])).toBeCloseTo(0.25, 12);
    expect(gini([0, 0])).toBe(0);
  });

  it('has a Gini within 0 and 1 that scale and order do not change', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 1_000 }), { minLength: 1 }), (values) => {
        const value = gini(values);
        expect(value).toBeGreaterThanOrEqual(-1e-12);
        expect(value).toBeLessThan(1);
        expect(gini(values.toReversed().map((each) => each * 7))).toBeCloseTo(value, 10);
      }),
    );
  });

  it('counts coverage over what is available and tail share over all places', () => {
    const spread = exposureSpread({
      lists: [
        ['head', 'tail1'],
        ['head', ''],
      ],
      available: new Set(['head', 'tail1', 'tail2', 'tail3']),
      head: new Set(['head']),
    });
    expect(spread.coverageRatio).toBe(0.5);
    expect(spread.tailShareRatio).toBe(0.25);
    // Exposures 0, 0, 1/log2(3) and 2: (1 · 0.63093 + 3 · 2) ÷ (4 · 2.63093).
    expect(spread.giniRatio).toBeCloseTo(6.63093 / 10.52372, 5);
  });
});
