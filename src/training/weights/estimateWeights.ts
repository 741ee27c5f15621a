import type { BehaviourWeights } from '../../behaviour/weights.js';
import { seededRandom } from '../../core/random.js';
import type { BehaviourType } from '../../core/vocabulary.js';
import { quantile } from '../../evaluation/quantile.js';
import type { PersonChoices } from './choiceQuestions.js';
import { CHOSEN_BY } from './pastCounts.js';
import { cumulated, fitStrengths, type QuestionTable, questionTable } from './strengths.js';

/** A weight by the data alone, with the interval that holds it with 95 % confidence. */
export interface EstimatedWeight {
  readonly weight: number;
  readonly low: number;
  readonly high: number;
}

export interface EstimateOptions {
  readonly people: readonly PersonChoices[];
  /** Where the fit begins. */
  readonly before: BehaviourWeights;
  readonly seed: number;
  readonly onDraw?: (done: number, total: number) => void;
}

/** Draws of people behind each interval. */
const RESAMPLES = 200;
/** Every draw begins elsewhere, up to this factor either way: what the data leave open then varies, and is wide. */
const START_SPREAD = 5;
/** Weights are told from the reference within these factors: beyond them is nothing, or all. */
const [LEAST, MOST] = [0.01, 1e6];

/** What the choices say of weights. Only ratios can be estimated: all are measured by a type that weighs `unit`. */
export interface Estimates {
  /** Every type that stood before a choice, by the data alone. An interval is that of the ratio to the reference. */
  measuredBy(reference: BehaviourType, unit: number): Map<BehaviourType, EstimatedWeight>;
  /** The likeliest weights of all by which none of `chain` weighs less than the next. */
  inOrder(
    chain: readonly BehaviourType[],
    reference: BehaviourType,
    unit: number,
  ): Map<BehaviourType, number>;
}

/**
 * Estimates the weights, and their intervals by bootstrap over people (as `bootstrapMeans`): whole people are
 * drawn, since one person's choices resemble each other.
 */
export function estimateWeights(options: EstimateOptions): Estimates {
  const { people, before } = options;
  const columns = CHOSEN_BY.flatMap((_, at) => (peopleWith(people, at) > 0 ? [at] : []));
  const types = columns.map((column) => CHOSEN_BY[column] as BehaviourType);
  const table = questionTable(
    people.flatMap(({ questions }) => questions),
    columns,
  );
  const once = new Float64Array(table.rows).fill(1);
  const start = Float64Array.from(types, (type) => before[type].weight);
  const whole = fitStrengths(table, once, start);
  const draws = resampled({ ...options, table, start });
  const measure = (reference: BehaviourType, unit: number) => {
    const by = types.indexOf(reference);
    return (weights: Float64Array, at: number) =>
      unit * Math.min(MOST, Math.max(LEAST, (weights[at] as number) / (weights[by] as number)));
  };
  return {
    measuredBy(reference, unit) {
      const ratio = measure(reference, unit);
      return new Map(
        types.map((type, at) => {
          const drawn = Float64Array.from(draws, (draw) => ratio(draw, at)).sort();
          return [
            type,
            { weight: ratio(whole, at), low: quantile(drawn, 0.025), high: quantile(drawn, 0.975) },
          ];
        }),
      );
    },
    inOrder(chain, reference, unit) {
      const places = chain.map((type) => types.indexOf(type));
      const steps = fitStrengths(cumulated(table, places), once, start);
      const ratio = measure(reference, unit);
      const weights = Float64Array.from(steps);
      for (const [i, at] of places.entries()) {
        weights[at] = places.slice(i).reduce((sum, weaker) => sum + (steps[weaker] as number), 0);
      }
      return new Map(types.map((type, at) => [type, ratio(weights, at)]));
    },
  };
}

/** People before one of whose choices a type stood. */
export function peopleWith(people: readonly PersonChoices[], at: number): number {
  return people.filter(({ questions }) => questions.some(({ all }) => (all[at] as number) > 0)).length;
}

/** The same fit on people drawn with replacement, again and again. */
function resampled(options: EstimateOptions & { table: QuestionTable; start: Float64Array }): Float64Array[] {
  const { people, table, start } = options;
  const random = seededRandom(options.seed);
  return Array.from({ length: RESAMPLES }, (_, draw) => {
    const timesDrawn = new Float64Array(people.length);
    for (let person = 0; person < people.length; person++) {
      const drawn = Math.floor(random() * people.length);
      timesDrawn[drawn] = (timesDrawn[drawn] as number) + 1;
    }
    const times = Float64Array.from(
      people.flatMap(({ questions }, person) => questions.map(() => timesDrawn[person] as number)),
    );
    const from = start.map((weight) => weight * START_SPREAD ** (2 * random() - 1));
    const weights = fitStrengths(table, times, from);
    options.onDraw?.(draw + 1, RESAMPLES);
    return weights;
  });
}
