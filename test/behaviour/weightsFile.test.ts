import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type BehaviourWeights, REQUIRED_ORDER, STARTING_WEIGHTS } from '../../src/behaviour/weights.js';
import { parseBehaviourWeights, writeBehaviourWeights } from '../../src/behaviour/weightsFile.js';
import { weightsFingerprint } from '../../src/behaviour/weightsFingerprint.js';
import { InvalidInputError } from '../../src/core/errors.js';
import { DAY_MS, HOUR_MS, halfLife } from '../../src/core/time.js';
import { BEHAVIOUR_TYPES, type BehaviourType } from '../../src/core/vocabulary.js';

function violations(text: string): string[] {
  try {
    parseBehaviourWeights(text);
  } catch (error) {
    if (error instanceof InvalidInputError)
      return error.violations.map(({ field, rule }) => `${field}: ${rule}`);
    throw error;
  }
  return expect.fail('should have been refused');
}

/** Any that keep the order of T4. */
const someWeights: fc.Arbitrary<BehaviourWeights> = fc
  .record({
    steps: fc.array(fc.double({ min: 0.01, max: 50, noNaN: true }), { minLength: 13, maxLength: 13 }),
    hours: fc.array(fc.integer({ min: 1, max: 5_000 }), { minLength: 13, maxLength: 13 }),
  })
  .map(({ steps, hours }) => {
    let chained = 0;
    const inOrder = new Map(
      REQUIRED_ORDER.toReversed().map((type, i) => {
        chained += steps[i] as number;
        return [type, chained];
      }),
    );
    const weighed = BEHAVIOUR_TYPES.map((type, i) => {
      const weight = inOrder.get(type) ?? Math.sign(STARTING_WEIGHTS[type].weight) * (steps[i] as number);
      return [type, { weight, halfLifeMs: halfLife((hours[i] as number) * HOUR_MS) }];
    });
    return Object.fromEntries(weighed) as BehaviourWeights;
  });

describe('a file of behaviour weights', () => {
  it('is read back as it was written, as YAML and as JSON', () => {
    fc.assert(
      fc.property(someWeights, (weights) => {
        const written = writeBehaviourWeights(weights);
        expect(parseBehaviourWeights(written)).toEqual(weights);
        const json = Object.fromEntries(
          BEHAVIOUR_TYPES.map((type) => {
            const { weight, halfLifeMs } = weights[type];
            return [type, { weight, half_life: `${halfLifeMs / HOUR_MS} h` }];
          }),
        );
        expect(parseBehaviourWeights(JSON.stringify(json))).toEqual(weights);
      }),
    );
    expect(writeBehaviourWeights(STARTING_WEIGHTS)).toMatch(
      /^purchase: \{ weight: 8, half_life: 90d \}\nadd_to_cart: /,
    );
  });

  it('leaves as they are shipped the types, weights and half-lives that it does not name', () => {
    const weights = parseBehaviourWeights('purchase: { weight: 20 }\nbrowse: { half_life: 36h }\n');
    expect(weights).toEqual({
      ...STARTING_WEIGHTS,
      purchase: { weight: 20, halfLifeMs: 90 * DAY_MS },
      browse: { weight: 1, halfLifeMs: 36 * HOUR_MS },
    });
  });

  it('T4: is refused with the types that break the order, and what to do about it', () => {
    expect(violations('favourite: { weight: 6 }')).toEqual([
      'weights.add_to_cart: must weigh more than favourite (5 is not above 6): raise the one or lower the other',
    ]);
    expect(violations('refund: { weight: 3 }\nshare: { weight: -1 }')).toEqual([
      'weights.share: must be above 0',
      'weights.refund: must be below 0',
    ]);
    expect(violations('browse: { half_life: 0d }')).toEqual([
      'weights.browse: half-life must be a positive number of milliseconds',
    ]);
  });

  it('is refused with every word that is not known or of another kind, all at once', () => {
    const found = violations('purchased: { weight: 9 }\nbrowse: { weigth: 1, half_life: 7 days }\nshare: 2');
    expect(found).toEqual([
      'weights.share: must be an object',
      'weights.browse.half_life: must be days or hours such as 14d or 36h',
      'weights.browse.weigth: is not known',
      expect.stringMatching(/^weights\.purchased: is no type of behaviour: purchase, add_to_cart, /),
    ]);
    for (const empty of ['', '{}', '# nothing']) {
      expect(violations(empty)).toEqual([
        expect.stringContaining('weights: must name a type of behaviour: purchase'),
      ]);
    }
    expect(violations('[1]')).toEqual(['weights: must be an object']);
    expect(violations('{')).toEqual([expect.stringContaining('weights: must be YAML or JSON: ')]);
  });

  it('has a fingerprint that any change of it changes', () => {
    fc.assert(
      fc.property(someWeights, fc.constantFrom(...BEHAVIOUR_TYPES), (weights, type: BehaviourType) => {
        const fingerprint = weightsFingerprint(weights);
        expect(fingerprint).toMatch(/^[0-9a-f]{8}$/);
        expect(weightsFingerprint({ ...weights })).toBe(fingerprint);
        const { weight, halfLifeMs } = weights[type];
        const [heavier, longer] = [
          { ...weights, [type]: { weight: weight * 1.01, halfLifeMs } },
          { ...weights, [type]: { weight, halfLifeMs: halfLife(halfLifeMs + 1) } },
        ];
        expect(new Set([heavier, longer, weights].map(weightsFingerprint)).size).toBe(3);
      }),
    );
  });
});
