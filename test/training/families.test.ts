import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chooseFamily, type FamilyFigures } from '../../src/training/families.js';

const trees: FamilyFigures = { family: 'trees', heldBackNdcg20: 0.7, servingMs: 0.4 };
const network: FamilyFigures = { family: 'network', heldBackNdcg20: 0.69, servingMs: 0.2 };

/** Beyond noise, in these tests, is a hundredth. */
const isAhead = (one: FamilyFigures, other: FamilyFigures) =>
  one.heldBackNdcg20 > other.heldBackNdcg20 + 0.01;

const figures: fc.Arbitrary<FamilyFigures> = fc.record({
  family: fc.constantFrom('trees' as const, 'network' as const),
  heldBackNdcg20: fc.double({ min: 0, max: 1, noNaN: true }),
  servingMs: fc.double({ min: 0.01, max: 2, noNaN: true }),
});

describe('the family that is shipped', () => {
  it('is the first, unless another orders better beyond noise', () => {
    expect(chooseFamily([trees, network], { budgetMs: 0.5, isAhead })).toBe(trees);
    const [little, much] = [0.705, 0.72].map((heldBackNdcg20) => ({ ...network, heldBackNdcg20 }));
    expect(chooseFamily([trees, little as FamilyFigures], { budgetMs: 0.5, isAhead })).toBe(trees);
    expect(chooseFamily([trees, much as FamilyFigures], { budgetMs: 0.5, isAhead })).toBe(much);
  });

  it('is not one that costs more than the budget, however well it orders', () => {
    expect(chooseFamily([trees, network], { budgetMs: 0.3, isAhead })).toBe(network);
    expect(chooseFamily([trees, network], { budgetMs: 0.4, isAhead })).toBe(trees);
  });

  it('is the cheapest, when none serves within the budget', () => {
    expect(chooseFamily([trees, network], { budgetMs: 0.1, isAhead })).toBe(network);
  });

  it('never exceeds a budget that one keeps to, and is never worse or dearer than need be', () => {
    fc.assert(
      fc.property(
        fc.array(figures, { minLength: 1, maxLength: 5 }),
        fc.double({ min: 0.01, max: 2, noNaN: true }),
        (all, budgetMs) => {
          const chosen = chooseFamily(all, { budgetMs, isAhead });
          const within = all.filter(({ servingMs }) => servingMs <= budgetMs);
          expect(all).toContain(chosen);
          if (within.length === 0) {
            expect(chosen.servingMs).toBe(Math.min(...all.map(({ servingMs }) => servingMs)));
          } else {
            expect(chosen.servingMs).toBeLessThanOrEqual(budgetMs);
            expect(isAhead(within[0] as FamilyFigures, chosen)).toBe(false);
            for (const each of within.slice(within.indexOf(chosen)))
              expect(isAhead(each, chosen)).toBe(false);
          }
        },
      ),
    );
  });
});
