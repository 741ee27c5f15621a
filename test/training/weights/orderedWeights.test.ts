import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkWeights, STARTING_WEIGHTS } from '../../../src/behaviour/weights.js';
import { BEHAVIOUR_TYPES } from '../../../src/core/vocabulary.js';
import { orderedWeights } from '../../../src/training/weights/orderedWeights.js';
import { CHOSEN_BY } from '../../../src/training/weights/pastCounts.js';

const amount = fc.double({ min: 0.01, max: 10_000, noNaN: true });

describe('weights in the order of T4', () => {
  const toldOfSome = fc
    .subarray([...CHOSEN_BY], { minLength: 1 })
    .chain((types) =>
      fc
        .array(amount, { minLength: types.length, maxLength: types.length })
        .map((weights) => new Map(types.map((type, i) => [type, weights[i] as number]))),
    );

  it('T4: hold whatever is told of whichever types', () => {
    fc.assert(
      fc.property(toldOfSome, (told) => {
        const after = orderedWeights(told, STARTING_WEIGHTS);
        const weights = Object.fromEntries(
          BEHAVIOUR_TYPES.map((type) => [
            type,
            { ...STARTING_WEIGHTS[type], weight: Number((after.get(type) ?? 0).toPrecision(3)) },
          ]),
        ) as typeof STARTING_WEIGHTS;
        expect(() => checkWeights(weights)).not.toThrow();
      }),
    );
  });

  it('change nothing where the data say what was believed', () => {
    fc.assert(
      fc.property(fc.subarray([...CHOSEN_BY], { minLength: 1 }), (types) => {
        const told = new Map(types.map((type) => [type, STARTING_WEIGHTS[type].weight]));
        for (const [type, weight] of orderedWeights(told, STARTING_WEIGHTS)) {
          expect(weight).toBeCloseTo(STARTING_WEIGHTS[type].weight, 9);
        }
      }),
    );
  });

  it('scale with what is told, all of them', () => {
    const told = new Map([['browse' as const, 2]]);
    for (const [type, weight] of orderedWeights(told, STARTING_WEIGHTS)) {
      expect(weight).toBeCloseTo(2 * STARTING_WEIGHTS[type].weight, 9);
    }
  });
});
