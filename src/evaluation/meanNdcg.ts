import type { EpochMs } from '../core/time.js';
import { PAGE_DEPTH } from './listMetrics.js';
import { ndcgAtK } from './metrics.js';
import type { Recommender } from './recommender.js';
import type { EvaluatedUser } from './split.js';

/** Mean NDCG@20 over `users`: the one figure by which settings are chosen. 0 for no users. */
export async function meanNdcg(options: {
  recommender: Recommender;
  users: readonly EvaluatedUser[];
  nowMs: EpochMs;
}): Promise<number> {
  let sum = 0;
  for (const { userId, seenTargets, newTargets } of options.users) {
    const list = await options.recommender.recommend({ userId, k: PAGE_DEPTH, nowMs: options.nowMs });
    sum += ndcgAtK(list, new Set([...seenTargets, ...newTargets]), PAGE_DEPTH);
  }
  return options.users.length === 0 ? 0 : sum / options.users.length;
}
