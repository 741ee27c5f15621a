import { LEAST_TO_LEARN_FROM } from '../../inference/manifest.js';
import type { TypeFit } from './fitWeights.js';
import { CHOSEN_BY } from './pastCounts.js';

/** Of the choices of fewer people nothing is learned. */
export const LEAST_PEOPLE = 30;
/** An interval whose upper bound is more than this many times its lower one tells nothing. */
const WIDEST_INTERVAL = 4;
/** Below this part of a weaker type it makes no difference how near to nothing a lower bound is. */
const NEARLY_NOTHING = 0.25;

/**
 * Whether an interval is too wide to go by. `nothing` is what a lower bound counts as at least (`nothingOf`).
 */
export function isWide({ low, high }: { low: number; high: number }, nothing: number): boolean {
  return high > WIDEST_INTERVAL * Math.max(low, nothing);
}

/**
 * Below what weight a type is as good as nothing, measured by a reference that weighs `unit`. One that is believed to
 * be weaker than the reference may be so by any factor, so of it nothing is.
 */
export function nothingOf(believed: number, reference: { before: number; unit: number }): number {
  return believed < reference.before ? 0 : NEARLY_NOTHING * reference.unit;
}

/** What moved a type that the data tell. */
export function whyFitted({ after, told }: Pick<TypeFit, 'after'> & Required<Pick<TypeFit, 'told'>>): string {
  const alone = Number(told.weight.toPrecision(3));
  if (alone === after) return 'as the data say';
  return `${after > alone ? 'raised' : 'lowered'} to keep the order`;
}

/** Why a type keeps its place between its neighbours. */
export function whyKept(
  { type, behaviours, people, told }: Pick<TypeFit, 'type' | 'behaviours' | 'people' | 'told'>,
  nothing: number,
): string {
  if (behaviours === 0) return 'none in the log';
  if (type === 'review') return 'its stars decide what it says';
  if (!CHOSEN_BY.includes(type)) return 'counts against, beside what it takes back';
  if (behaviours < LEAST_TO_LEARN_FROM) return `fewer than ${LEAST_TO_LEARN_FROM} behaviours`;
  if (people < LEAST_PEOPLE || told === undefined)
    return `before choices of fewer than ${LEAST_PEOPLE} people`;
  if (told.low < nothing) {
    return `from next to nothing up to more than ${(WIDEST_INTERVAL * nothing).toPrecision(2)}: the upper bound is too high`;
  }
  return `the upper bound is ${(told.high / told.low).toFixed(1)} times the lower, more than ${WIDEST_INTERVAL}`;
}
