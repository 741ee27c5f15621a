import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cumulated, fitStrengths, type QuestionTable } from '../../../src/training/weights/strengths.js';

const WIDTH = 3;
const counts = fc.array(fc.integer({ min: 0, max: 4 }), { minLength: WIDTH, maxLength: WIDTH });

/** Choices between a thing and all others, whatever was done with them; every type was done with something chosen. */
const tables: fc.Arbitrary<QuestionTable> = fc
  .array(fc.tuple(counts, counts), { minLength: 8, maxLength: 30 })
  .map((rows) => [
    ...rows,
    [
      [1, 1, 1],
      [1, 2, 3],
    ] as const,
  ])
  .map((rows) => ({
    rows: rows.length,
    width: WIDTH,
    chosen: Float64Array.from(rows.flatMap(([chosen]) => chosen)),
    all: Float64Array.from(
      rows.flatMap(([chosen, others]) => chosen.map((count, at) => count + (others[at] ?? 0))),
    ),
  }));

const once = ({ rows }: QuestionTable) => new Float64Array(rows).fill(1);
const EVEN = Float64Array.of(1, 1, 1);

function logLikelihood({ rows, width, chosen, all }: QuestionTable, weights: ArrayLike<number>): number {
  const strength = (counts: Float64Array, row: number) =>
    Array.from(weights).reduce((sum, weight, at) => sum + weight * (counts[row * width + at] as number), 0);
  let sum = 0;
  for (let row = 0; row < rows; row++) {
    if (strength(chosen, row) > 0) sum += Math.log(strength(chosen, row) / strength(all, row));
  }
  return sum;
}

/** Weights by which nothing that was chosen is impossible. */
const anyWeights = fc.array(fc.double({ min: 0.05, max: 20, noNaN: true }), {
  minLength: WIDTH,
  maxLength: WIDTH,
});

describe('the weights that make choices likeliest', () => {
  it('are found where they can be worked out', () => {
    // Of ten choices between a cart and a look, eight fell on the cart.
    const table: QuestionTable = {
      rows: 10,
      width: 2,
      chosen: Float64Array.from(Array.from({ length: 10 }, (_, i) => (i < 8 ? [1, 0] : [0, 1])).flat()),
      all: Float64Array.from(Array.from({ length: 10 }, () => [1, 1]).flat()),
    };
    const [cart, look] = fitStrengths(table, once(table), Float64Array.of(1, 1));
    expect((cart as number) / (look as number)).toBeCloseTo(4, 2);
    const twiceTheRest = Float64Array.from({ length: 10 }, (_, i) => (i < 8 ? 1 : 2));
    const [less, more] = fitStrengths(table, twiceTheRest, Float64Array.of(1, 1));
    expect((less as number) / (more as number)).toBeCloseTo(2, 2);
  });

  it('are never less likely than where the fit began, at or above 0, and finite', () => {
    fc.assert(
      fc.property(tables, anyWeights, (table, start) => {
        const found = fitStrengths(table, once(table), Float64Array.from(start));
        expect(found.every((weight) => weight >= 0 && Number.isFinite(weight))).toBe(true);
        expect(logLikelihood(table, found)).toBeGreaterThanOrEqual(logLikelihood(table, start) - 1e-6);
      }),
    );
  });

  it('T4: in order are in order, and likelier than others in order', () => {
    fc.assert(
      fc.property(tables, anyWeights, (table, others) => {
        const chain = [0, 1, 2];
        const steps = fitStrengths(cumulated(table, chain), once(table), EVEN);
        const weights = chain.map((at) => [...steps].slice(at).reduce((sum, step) => sum + step, 0));
        expect(weights[0]).toBeGreaterThanOrEqual(weights[1] as number);
        expect(weights[1]).toBeGreaterThanOrEqual(weights[2] as number);
        // The fit ends when weights move by less than a ten thousandth, so a little is left.
        const inOrder = others.toSorted((a, b) => b - a);
        expect(logLikelihood(table, weights)).toBeGreaterThanOrEqual(logLikelihood(table, inOrder) - 0.05);
      }),
    );
  });
});
