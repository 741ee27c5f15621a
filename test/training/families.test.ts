import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chooseFamily, type FamilyFigures } from '../../src/training/families.js';

const trees: FamilyFigures = { family: 'trees', heldBackNdcg20: 0.7, servingMs: 0.4 };
const network: FamilyFigures = { family: 'network', heldBackNdcg20: 0.69, servingMs: 0.2 };

const figures: fc.Arbitrary<FamilyFigures> = fc.record({
  family: fc.constantFrom('trees' as const, 'network' as const),
  heldBackNdcg20: fc.double({ min: 0, max: 1, noNaN: true }),
  servingMs: fc.double({ min: 0.01, max: 2, noNaN: true }),
});

describe('the family that is shipped', () => {
  it('is the one that orders better, when both serve within the budget', () => {
    expect(chooseFamily([trees, network], 0.5)).toBe(trees);
    expect(chooseFamily([network, { ...trees, heldBackNdcg20: 0.68 }], 0.5)).toBe(network);
  });

  it('is not one that costs more than the budget, however well it orders', () => {
    expect(chooseFamily([trees, network], 0.3)).toBe(network);
    expect(chooseFamily([trees, network], 0.4)).toBe(trees);
  });

  it('is the cheapest, when none serves within the budget', () => {
    expect(chooseFamily([trees, network], 0.1)).toBe(network);
  });

  it('never exceeds a budget that one keeps to, and is never worse or dearer than need be', () => {
    fc.assert(
      fc.property(
        fc.array(figures, { minLength: 1, maxLength: 5 }),
        fc.double({ min: 0.01, max: 2, noNaN: true }),
        (all, budgetMs) => {
          const chosen = chooseFamily(all, budgetMs);
          const within = all.filter(({ servingMs }) => servingMs <= budgetMs);
          expect(all).toContain(chosen);
          if (within.length === 0) {
            expect(chosen.servingMs).toBe(Math.min(...all.map(({ servingMs }) => servingMs)));
          } else {
            expect(chosen.servingMs).toBeLessThanOrEqual(budgetMs);
            expect(chosen.heldBackNdcg20).toBe(
              Math.max(...within.map(({ heldBackNdcg20 }) => heldBackNdcg20)),
            );
          }
        },
      ),
    );
  });
});
