import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isHeldOut } from '../../src/fairness/holdOut.js';

const ids = Array.from({ length: 100_000 }, (_, i) => `user-${i}`);

describe('the hold-out', () => {
  it('R7: is of the size that is asked for, among ids that differ in a digit', () => {
    for (const ratio of [0.01, 0.1, 0.5]) {
      const out = ids.filter((userId) => isHeldOut(userId, ratio)).length;
      // Five standard deviations.
      expect(Math.abs(out - ratio * ids.length)).toBeLessThan(
        5 * Math.sqrt(ids.length * ratio * (1 - ratio)),
      );
    }
    expect(ids.some((userId) => isHeldOut(userId, 0))).toBe(false);
    expect(ids.every((userId) => isHeldOut(userId, 1))).toBe(true);
  });

  it('R7: keeps everybody of a smaller one', () => {
    const ratio = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(fc.string(), ratio, ratio, (userId, one, other) => {
        if (isHeldOut(userId, Math.min(one, other)))
          expect(isHeldOut(userId, Math.max(one, other))).toBe(true);
      }),
    );
  });
});
