import { describe, expect, it } from 'vitest';
import {
  type BehaviourWeights,
  checkWeights,
  REQUIRED_ORDER,
  ratingFactor,
  repurchaseFactor,
  STARTING_WEIGHTS,
} from '../../src/behaviour/weights.js';
import { InvalidInputError } from '../../src/core/errors.js';
import { halfLife } from '../../src/core/time.js';
import { BEHAVIOUR_TYPES, type BehaviourType } from '../../src/core/vocabulary.js';

function withWeight(type: BehaviourType, weight: number): BehaviourWeights {
  return { ...STARTING_WEIGHTS, [type]: { ...STARTING_WEIGHTS[type], weight } };
}

function violatedFields(weights: BehaviourWeights): string[] {
  try {
    checkWeights(weights);
  } catch (error) {
    if (error instanceof InvalidInputError) return error.violations.map(({ field }) => field);
    throw error;
  }
  return [];
}

const NEGATIVE: BehaviourType[] = ['remove_from_cart', 'remove_favourite', 'refund', 'not_interested'];

describe('behaviour weights', () => {
  it('T4: start in the order purchase, add to cart, favourite, inquiry, browse', () => {
    expect(checkWeights(STARTING_WEIGHTS)).toBe(STARTING_WEIGHTS);
    const weights = ['purchase', 'add_to_cart', 'favourite', 'inquiry', 'browse'].map(
      (type) => STARTING_WEIGHTS[type as BehaviourType].weight,
    );
    expect(weights).toEqual([8, 5, 4, 3, 1]);
  });

  it('T4: search, follow and share count, and what is taken back or disliked counts against', () => {
    for (const type of ['search', 'follow', 'share'] as const) {
      expect(STARTING_WEIGHTS[type].weight).toBeGreaterThan(STARTING_WEIGHTS.browse.weight);
    }
    for (const type of NEGATIVE) expect(STARTING_WEIGHTS[type].weight).toBeLessThan(0);
    expect(STARTING_WEIGHTS.refund.weight).toBeLessThan(STARTING_WEIGHTS.remove_from_cart.weight);
  });

  const pairs = REQUIRED_ORDER.slice(1).map((weaker, i) => [REQUIRED_ORDER[i] as BehaviourType, weaker]);
  it.each(pairs)('T4: refuses weights by which a %s does not weigh more than a %s', (stronger, weaker) => {
    const equal = withWeight(stronger as BehaviourType, STARTING_WEIGHTS[weaker as BehaviourType].weight);
    expect(violatedFields(equal)).toEqual([`weights.${stronger}`]);
    expect(() => checkWeights(equal)).toThrow(`must weigh more than ${weaker}`);
  });

  it.each(BEHAVIOUR_TYPES)(
    'T4: refuses a %s of the wrong sign, of no weight, or without a number',
    (type) => {
      const sign = NEGATIVE.includes(type) ? 1 : -1;
      for (const weight of [sign, 0, Number.NaN, Number.POSITIVE_INFINITY]) {
        expect(violatedFields(withWeight(type, weight))).toContain(`weights.${type}`);
      }
    },
  );

  it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])('T6: refuses a half-life of %s', (ms) => {
    const weights = { ...STARTING_WEIGHTS, browse: { weight: 1, halfLifeMs: halfLife(ms) } };
    expect(violatedFields(weights)).toEqual(['weights.browse']);
  });

  it('T4: names every breach at once', () => {
    const broken = { ...withWeight('browse', 9), refund: { weight: 6, halfLifeMs: halfLife(0) } };
    expect(violatedFields(broken)).toEqual(['weights.refund', 'weights.refund', 'weights.inquiry']);
  });

  it('T4: a rating speaks by its distance from three stars; no rating says nothing', () => {
    expect([1, 2, 3, 4, 5, undefined].map(ratingFactor)).toEqual([-1, -0.5, 0, 0.5, 1, 0]);
  });

  it('T5: each further order at a shop counts more than the one before, ever more slowly', () => {
    const factors = [1, 2, 3, 4, 10, 100].map(repurchaseFactor);
    expect(factors[0]).toBe(1);
    expect(factors[1]).toBeCloseTo(1.3466, 4);
    expect(factors).toEqual([...factors].sort((a, b) => a - b));
    expect(repurchaseFactor(3) - repurchaseFactor(2)).toBeLessThan(repurchaseFactor(2) - repurchaseFactor(1));
  });
});
