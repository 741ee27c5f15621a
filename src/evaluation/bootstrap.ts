import { seededRandom } from '../core/random.js';
import { quantile } from './quantile.js';

/** A mean over people, and the interval that holds it with 95 % confidence. */
export interface Estimate {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

/**
 * Percentile bootstrap over people (Efron and Tibshirani, 1993): people are drawn with
 * replacement, and every column is averaged over the same draw, so that the difference of two
 * columns is a paired one. `columns` have one value a person, in the same order; the answer has,
 * for each column, its mean in each of `resamples` draws.
 */
export function bootstrapMeans(options: {
  columns: readonly Float64Array[];
  resamples: number;
  seed: number;
}): Float64Array[] {
  const { columns, resamples } = options;
  const people = columns[0]?.length ?? 0;
  const means = columns.map(() => new Float64Array(resamples));
  if (people === 0) return means;
  const random = seededRandom(options.seed);
  const timesDrawn = new Float64Array(people);
  for (let draw = 0; draw < resamples; draw++) {
    timesDrawn.fill(0);
    for (let person = 0; person < people; person++) {
      const drawn = Math.floor(random() * people);
      timesDrawn[drawn] = (timesDrawn[drawn] as number) + 1;
    }
    columns.forEach((column, index) => {
      let sum = 0;
      for (let person = 0; person < people; person++) {
        sum += (timesDrawn[person] as number) * (column[person] as number);
      }
      (means[index] as Float64Array)[draw] = sum / people;
    });
  }
  return means;
}

/** The mean of `values` with the interval that `resampledMeans` of it spans. */
export function estimate(values: Float64Array, resampledMeans: Float64Array): Estimate {
  return { mean: meanOf(values), ...interval(resampledMeans) };
}

/**
 * The mean difference `subject − other` a person, with its paired interval; both pairs must come
 * from one call of `bootstrapMeans`.
 */
export function pairedDifference(
  subject: { values: Float64Array; resampledMeans: Float64Array },
  other: { values: Float64Array; resampledMeans: Float64Array },
): Estimate {
  const differences = subject.resampledMeans.map(
    (mean, draw) => mean - (other.resampledMeans[draw] as number),
  );
  return { mean: meanOf(subject.values) - meanOf(other.values), ...interval(differences) };
}

function meanOf(values: Float64Array): number {
  if (values.length === 0) return 0;
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}

function interval(resampledMeans: Float64Array): { low: number; high: number } {
  const sorted = resampledMeans.toSorted();
  return { low: quantile(sorted, 0.025), high: quantile(sorted, 0.975) };
}
