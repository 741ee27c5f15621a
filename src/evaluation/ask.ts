import { LIST_LENGTH } from './listMetrics.js';
import type { Recommender } from './recommender.js';
import type { EvaluatedUser, EvaluationSplit } from './split.js';

/** What one recommender answered, in the order of the users asked. */
export interface Answers {
  readonly recommender: Recommender;
  /** A place given to a product that did not exist at the split holds `''`: it can hit nothing. */
  readonly lists: readonly (readonly string[])[];
  readonly foreignPlaces: number;
  readonly durationsMs: readonly number[];
}

/**
 * Asks for every user once, at the time of the split, one at a time, so that a duration is that of
 * one answer and not of a queue. What comes back beyond the length asked for is cut off.
 */
export async function ask(options: {
  recommender: Recommender;
  users: readonly EvaluatedUser[];
  split: Pick<EvaluationSplit, 'splitAtMs' | 'catalogue'>;
  /** Told after each user. */
  onAnswer?: () => void;
}): Promise<Answers> {
  const { recommender, users, split } = options;
  const lists: string[][] = [];
  const durationsMs: number[] = [];
  for (const { userId } of users) {
    const startedMs = performance.now();
    const list = await recommender.recommend({ userId, k: LIST_LENGTH, nowMs: split.splitAtMs });
    durationsMs.push(performance.now() - startedMs);
    lists.push(
      list.slice(0, LIST_LENGTH).map((productId) => (split.catalogue.has(productId) ? productId : '')),
    );
    options.onAnswer?.();
  }
  const foreignPlaces = lists.flat().filter((productId) => productId === '').length;
  return { recommender, lists, foreignPlaces, durationsMs };
}
