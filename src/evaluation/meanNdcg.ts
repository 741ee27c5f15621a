import { PAGE_DEPTH } from './listMetrics.js';
import { ndcgAtK } from './metrics.js';
import type { Recommender } from './recommender.js';
import type { EvaluatedUser } from './split.js';

/** Asks for `users` and answers the mean NDCG@20. */
export async function meanNdcg(options: {
  recommender: Recommender;
  users: readonly EvaluatedUser[];
}): Promise<number> {
  const lists: (readonly string[])[] = [];
  for (const { userId, askedAtMs } of options.users) {
    lists.push(await options.recommender.recommend({ userId, k: PAGE_DEPTH, nowMs: askedAtMs }));
  }
  return meanNdcgOf(lists, options.users);
}

/** Mean NDCG@20 of a list each for `users`: the one figure by which settings are chosen. 0 for no users. */
export function meanNdcgOf(lists: readonly (readonly string[])[], users: readonly EvaluatedUser[]): number {
  let sum = 0;
  users.forEach(({ seenTargets, newTargets }, index) => {
    sum += ndcgAtK(lists[index] ?? [], new Set([...seenTargets, ...newTargets]), PAGE_DEPTH);
  });
  return users.length === 0 ? 0 : sum / users.length;
}
