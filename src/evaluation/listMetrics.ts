import { cappedRecallAtK, hitRateAtK, ndcgAtK, recallAtK, reciprocalRankAtK } from './metrics.js';

/** The depths at which lists are judged: one list is asked for, and cut. */
export const DEPTHS = [5, 10, 20, 50] as const;
/** The list asked for. */
export const LIST_LENGTH = 50;
/** The depth by which settings are chosen, exposure is counted and a single figure is given: one page. */
export const PAGE_DEPTH = 20;

/** A figure per person whose mean is reported. */
export interface ListMetric {
  /** As in tables and JSON, e.g. `recall@20`. */
  readonly name: string;
  value(list: readonly string[], targets: ReadonlySet<string>): number;
}

const FAMILIES = [
  ['recall', recallAtK],
  ['capped_recall', cappedRecallAtK],
  ['ndcg', ndcgAtK],
  ['hit_rate', hitRateAtK],
  ['mrr', reciprocalRankAtK],
] as const;

/** Every list metric, at every depth. */
export const LIST_METRICS: readonly ListMetric[] = FAMILIES.flatMap(([family, metric]) =>
  DEPTHS.map((k) => ({
    name: `${family}@${k}`,
    value: (list: readonly string[], targets: ReadonlySet<string>) => metric(list, targets, k),
  })),
);
