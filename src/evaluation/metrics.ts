/**
 * How good one ranked list is for one person. Relevance is binary: a product is a target or it is
 * not. Every figure is in [0, 1], and a product that stands twice in a list hits once.
 */

type List = readonly string[];
type Targets = ReadonlySet<string>;

/** The ranks, from 1, at which a target stands for the first time within the first `k` places. */
export function hitRanks(list: List, targets: Targets, k: number): number[] {
  const ranks: number[] = [];
  const found = new Set<string>();
  for (let index = 0; index < Math.min(k, list.length); index++) {
    const productId = list[index] as string;
    if (!targets.has(productId) || found.has(productId)) continue;
    found.add(productId);
    ranks.push(index + 1);
  }
  return ranks;
}

/**
 * Recall@k = hits ÷ |targets|. Someone with more than `k` targets cannot reach 1; the capped
 * recall below says how much of the possible was reached.
 */
export function recallAtK(list: List, targets: Targets, k: number): number {
  return targets.size === 0 ? 0 : hitRanks(list, targets, k).length / targets.size;
}

/** Hits ÷ min(|targets|, k): 1 when every place that could hit does. */
export function cappedRecallAtK(list: List, targets: Targets, k: number): number {
  return targets.size === 0 ? 0 : hitRanks(list, targets, k).length / Math.min(targets.size, k);
}

/**
 * NDCG@k with binary gains: Σ 1/log2(1 + rank) over the hits, divided by the same sum over the
 * first min(k, |targets|) ranks (Järvelin and Kekäläinen, TOIS 2002).
 */
export function ndcgAtK(list: List, targets: Targets, k: number): number {
  if (targets.size === 0) return 0;
  let gain = 0;
  for (const rank of hitRanks(list, targets, k)) gain += rankDiscount(rank);
  let ideal = 0;
  for (let rank = 1; rank <= Math.min(k, targets.size); rank++) ideal += rankDiscount(rank);
  return gain / ideal;
}

/** 1 when at least one target stands within the first `k`, else 0. */
export function hitRateAtK(list: List, targets: Targets, k: number): number {
  return hitRanks(list, targets, k).length > 0 ? 1 : 0;
}

/** 1 ÷ the rank of the first target within the first `k`, 0 without one; its mean is MRR@k. */
export function reciprocalRankAtK(list: List, targets: Targets, k: number): number {
  const first = hitRanks(list, targets, k)[0];
  return first === undefined ? 0 : 1 / first;
}

/** The attention that a rank (from 1) gets: 1/log2(1 + rank). */
export function rankDiscount(rank: number): number {
  return 1 / Math.log2(1 + rank);
}
