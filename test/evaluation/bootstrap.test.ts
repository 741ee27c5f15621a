import { describe, expect, it } from 'vitest';
import { bootstrapMeans, estimate, pairedDifference } from '../../src/evaluation/bootstrap.js';
import { quantile } from '../../src/evaluation/quantile.js';

const people = Float64Array.from({ length: 400 }, (_, index) => (index % 4 === 0 ? 1 : 0));

describe('bootstrap intervals', () => {
  it('hold the mean and are about as wide as the normal approximation', () => {
    const [means = new Float64Array()] = bootstrapMeans({ columns: [people], resamples: 2_000, seed: 7 });
    const found = estimate(people, means);
    expect(found.mean).toBe(0.25);
    // 1.96 · √(0.25 · 0.75 ÷ 400) = 0.0424
    expect(found.low).toBeCloseTo(0.25 - 0.0424, 2);
    expect(found.high).toBeCloseTo(0.25 + 0.0424, 2);
  });

  it('repeat for the same seed and differ for another', () => {
    const draw = (seed: number) => bootstrapMeans({ columns: [people], resamples: 20, seed });
    expect(draw(1)).toEqual(draw(1));
    expect(draw(1)).not.toEqual(draw(2));
  });

  it('pair the difference: one that is better by the same for everybody leaves no doubt', () => {
    const better = people.map((value) => value + 0.1);
    const [a = new Float64Array(), b = new Float64Array()] = bootstrapMeans({
      columns: [better, people],
      resamples: 200,
      seed: 3,
    });
    const found = pairedDifference(
      { values: better, resampledMeans: a },
      { values: people, resampledMeans: b },
    );
    expect(found.mean).toBeCloseTo(0.1, 9);
    expect(found.low).toBeCloseTo(0.1, 9);
    expect(found.high).toBeCloseTo(0.1, 9);
  });

  it('read quantiles between neighbours', () => {
    expect(quantile([], 0.5)).toBe(0);
    expect(quantile([1, 2, 3, 4], 0.5)).toBe(2.5);
    expect(quantile([1, 2, 3, 4], 1)).toBe(4);
  });
});
