import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Behaviour } from '../../../src/behaviour/behaviour.js';
import { checkWeights, REQUIRED_ORDER, STARTING_WEIGHTS } from '../../../src/behaviour/weights.js';
import { FailedPreconditionError } from '../../../src/core/errors.js';
import { seededRandom } from '../../../src/core/random.js';
import type { BehaviourType } from '../../../src/core/vocabulary.js';
import { sample } from '../../../src/training/queryPoints.js';
import {
  type FitWeightsOptions,
  fitWeights,
  type WeightsFit,
} from '../../../src/training/weights/fitWeights.js';
import { plantedLog } from './plantedLog.js';

const fitted = (behaviours: readonly Behaviour[], more: Partial<FitWeightsOptions> = {}): WeightsFit =>
  fitWeights({
    behaviours,
    placeOf: () => ({}),
    before: STARTING_WEIGHTS,
    target: 'purchase',
    seed: 1,
    ...more,
  });

const of = ({ types }: WeightsFit, wanted: BehaviourType) => {
  const found = types.find(({ type }) => type === wanted);
  return found ?? expect.fail(`no ${wanted}`);
};

function refusal(behaviours: readonly Behaviour[]): string {
  try {
    fitted(behaviours);
  } catch (error) {
    if (error instanceof FailedPreconditionError) return error.message;
    throw error;
  }
  return expect.fail('should have been refused');
}

describe('weights refit from a log', () => {
  const ratios = { browse: 1, favourite: 3, add_to_cart: 9 };

  it('T4: get back the ratios that were planted, near them and mostly within the interval', () => {
    const seeds = Array.from({ length: 8 }, (_, i) => i + 1);
    const fits = seeds.map((seed) => fitted(plantedLog({ ratios, people: 300, seed })));
    for (const type of ['favourite', 'add_to_cart'] as const) {
      const told = fits.map((each) => of(each, type).told ?? expect.fail(`${type} was not told`));
      const within = told.filter(({ low, high }) => low <= ratios[type] && ratios[type] <= high);
      expect(within.length).toBeGreaterThanOrEqual(6);
      const mean = told.reduce((sum, { weight }) => sum + Math.log(weight), 0) / told.length;
      expect(Math.exp(mean) / ratios[type]).toBeGreaterThan(0.8);
      expect(Math.exp(mean) / ratios[type]).toBeLessThan(1.25);
    }
  });

  it('T4: keep the order whatever people did', () => {
    const planted = fc.record({
      browse: fc.double({ min: 0.1, max: 10, noNaN: true }),
      inquiry: fc.double({ min: 0.1, max: 10, noNaN: true }),
      favourite: fc.double({ min: 0.1, max: 10, noNaN: true }),
      add_to_cart: fc.double({ min: 0.1, max: 10, noNaN: true }),
    });
    let refused = 0;
    fc.assert(
      fc.property(planted, fc.nat(), fc.constantFrom('next', 'purchase'), (anyRatios, seed, target) => {
        let weights = STARTING_WEIGHTS;
        try {
          weights = fitted(plantedLog({ ratios: anyRatios, people: 100, seed }), { target }).weights;
        } catch (error) {
          expect(error).toBeInstanceOf(FailedPreconditionError);
          refused += 1;
          return;
        }
        expect(checkWeights(weights)).toBe(weights);
        for (const [i, type] of REQUIRED_ORDER.slice(1).entries()) {
          expect(weights[REQUIRED_ORDER[i] as BehaviourType].weight).toBeGreaterThan(weights[type].weight);
        }
      }),
      { numRuns: 12 },
    );
    expect(refused).toBeLessThan(6);
  }, 60_000);

  it('T4: says of a planted order that is the wrong way round what the data say, and that it was lowered', () => {
    const found = fitted(
      plantedLog({ ratios: { browse: 1, favourite: 8, add_to_cart: 2 }, people: 400, seed: 3 }),
    );
    const [cart, favourite] = [of(found, 'add_to_cart'), of(found, 'favourite')];
    expect(cart.told?.high).toBeLessThan(favourite.told?.low ?? 0);
    expect(cart).toMatchObject({ outcome: 'fitted', why: 'raised to keep the order' });
    expect(favourite).toMatchObject({ outcome: 'fitted', why: 'lowered to keep the order' });
    expect(cart.after / favourite.after).toBeCloseTo(1.05, 1);
  });

  it('are the same in whatever order people stand in the log, and by another seed nearly', () => {
    const log = plantedLog({ ratios, people: 120, seed: 5 });
    const whole = fitted(log);
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const userIds = [...new Set(log.map(({ userId }) => userId))];
        const shuffled = sample(userIds, userIds.length, seededRandom(seed)).flatMap((userId) =>
          log.filter((behaviour) => behaviour.userId === userId),
        );
        expect(fitted(shuffled)).toEqual(whole);
      }),
      { numRuns: 5 },
    );
    const other = fitted(log, { seed: 2 });
    expect(other).not.toEqual(whole);
    expect(other.types.map(({ after }) => after)).toEqual(whole.types.map(({ after }) => after));
  });

  it('are surer of more people', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000 }), (seed) => {
        const width = (people: number) => {
          const { told } = of(fitted(plantedLog({ ratios, people, seed })), 'add_to_cart');
          return Math.log((told?.high ?? 0) / (told?.low ?? 0));
        };
        expect(width(800)).toBeLessThan(width(100));
      }),
      { numRuns: 2 },
    );
  });

  it('leave types that the data do not tell in their place between their neighbours, and say why', () => {
    const log = plantedLog({ ratios, people: 300, seed: 1 });
    const few = log
      .slice(0, 60)
      .map((each) => ({ ...each, eventId: `${each.eventId}-s`, type: 'share' as const }));
    const found = fitted([...log, ...few].sort((a, b) => a.occurredAtMs - b.occurredAtMs));
    const { weights } = found;
    expect(of(found, 'inquiry')).toMatchObject({ outcome: 'kept', why: 'none in the log' });
    expect(of(found, 'share')).toMatchObject({ outcome: 'kept', why: 'fewer than 100 behaviours' });
    expect(of(found, 'review').outcome).toBe('kept');
    // Inquiry was between favourite and browse by the share ln 3 ÷ ln 4 of the way up.
    const way = Math.log(weights.inquiry.weight) / Math.log(weights.favourite.weight);
    expect(way).toBeCloseTo(Math.log(3) / Math.log(4), 1);
    // What is above all that is told keeps its ratio to the nearest; what is taken back weighs beside what was given.
    expect(weights.purchase.weight / weights.add_to_cart.weight).toBeCloseTo(8 / 5, 1);
    expect(weights.refund.weight).toBeLessThan(-weights.add_to_cart.weight);
    expect(weights.refund.weight).toBeGreaterThan(-weights.purchase.weight);
    for (const [type, { halfLifeMs }] of Object.entries(weights)) {
      expect(halfLifeMs).toBe(STARTING_WEIGHTS[type as BehaviourType].halfLifeMs);
    }
  });

  it('measure by the weakest type there is where nobody browses, and leave that as it was', () => {
    const found = fitted(plantedLog({ ratios: { inquiry: 1, add_to_cart: 4 }, people: 300, seed: 2 }));
    expect(of(found, 'inquiry')).toMatchObject({ outcome: 'reference', before: 3, after: 3 });
    expect(of(found, 'browse')).toMatchObject({ outcome: 'kept', after: 1 });
    expect(of(found, 'add_to_cart').after / 3).toBeGreaterThan(2.5);
  });
});

describe('a fit of weights that the data cannot tell', () => {
  it('is refused of one type alone, with the types that it could be set beside', () => {
    const log = plantedLog({ ratios: { browse: 1 }, people: 50, seed: 1 });
    const purchases = log.filter(({ type }) => type === 'purchase');
    expect(refusal(purchases)).toMatch(
      /the log holds only purchase .* Bring in a log with two of them, or go on/,
    );
    expect(refusal([])).toContain('the log holds none of the types');
  });

  it('is refused of too few people, with what there is', () => {
    const log = plantedLog({ ratios: { browse: 1, add_to_cart: 5 }, people: 20, seed: 1 });
    expect(refusal(log)).toMatch(/100 behaviours each, before choices of 30 people, and no type has that/);
    expect(refusal(log)).toMatch(/The log holds \d+ purchase, \d+ add_to_cart, \d+ browse, and 20 people/);
  });

  it('is refused where the ratio of the only two types may be anything, with its interval', () => {
    const log = plantedLog({ ratios: { browse: 1, add_to_cart: 30 }, people: 32, seed: 1 });
    expect(refusal(log)).toMatch(
      /leave every type open: add_to_cart \(\S+ to \S+\): the upper bound is \S+ times the lower, more than 4\. Bring/,
    );
  });

  it('is refused where everything that people did was of one mixture', () => {
    const log = plantedLog({ ratios: { browse: 1 }, people: 200, seed: 1 });
    const both = log.flatMap((each) =>
      each.type === 'browse'
        ? [each, { ...each, eventId: `${each.eventId}-c`, type: 'add_to_cart' as const }]
        : [each],
    );
    const { halfLifeMs } = STARTING_WEIGHTS.browse;
    const before = { ...STARTING_WEIGHTS, add_to_cart: { ...STARTING_WEIGHTS.add_to_cart, halfLifeMs } };
    expect(() => fitted(both, { before })).toThrow(/no type has that\. .* and 0 people who came back/);
  });
});
