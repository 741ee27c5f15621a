import type { Candidates } from '../candidates.js';
import type { Query } from '../query.js';

/** What repeating a shop or a category on one page costs. */
export interface Spread {
  /** Items of one shop, or category, that cost nothing. */
  readonly free: number;
  /** What remains of the odds however often it repeats, above 0. */
  readonly floor: number;
  /** Each further repeat keeps this much of the rest. */
  readonly base: number;
  /** Items of one shop, or category, on a page at most, for as long as anything else is left. */
  readonly most: number;
}

/**
 * One page does not fill with one shop or category (R9): greedy choice by
 * `score + ln(floor + (1 − floor)·base^k)` for the k-th item past the free ones, for the shop and the
 * category each, scores in log-odds. The form is the author diversity of X's published heavy ranker.
 */
export function selectSpread(
  query: Query,
  {
    candidates,
    scores,
    count,
    shopSpread,
    categorySpread,
    categoryShares = new Map(),
  }: {
    candidates: Candidates;
    scores: Float64Array;
    count: number;
    shopSpread: Spread;
    categorySpread: Spread;
    /** Leaf category → the share of the page, 0–1, that costs nothing; none beyond the spread when absent. */
    categoryShares?: ReadonlyMap<number, number>;
  },
): { place: number; factor: number }[] {
  const { catalog } = query.state;
  const order = Array.from(scores.keys()).sort(
    (a, b) =>
      (scores[b] as number) - (scores[a] as number) ||
      (candidates.ordinals[a] as number) - (candidates.ordinals[b] as number),
  );
  const shops = new Map<number, number>();
  const categories = new Map<number, number>();
  const spreads = new Map(
    [...categoryShares].map(([category, share]) => [category, widened(categorySpread, share * count)]),
  );
  const chosen: { place: number; factor: number }[] = [];
  while (chosen.length < count && order.length > 0) {
    let bestAt = 0;
    let bestFactor = 0;
    let bestValue = Number.NEGATIVE_INFINITY;
    for (let at = 0; at < order.length; at++) {
      const place = order[at] as number;
      // No factor exceeds 1, so nothing behind can win any more.
      if ((scores[place] as number) <= bestValue) break;
      const ordinal = candidates.ordinals[place] as number;
      const category = catalog.leafCategoryAt(ordinal);
      const factor =
        spreadFactor(shops.get(catalog.shopAt(ordinal)), shopSpread) *
        spreadFactor(categories.get(category), spreads.get(category) ?? categorySpread);
      const value = (scores[place] as number) + Math.log(factor);
      if (value > bestValue) {
        bestAt = at;
        bestFactor = factor;
        bestValue = value;
      }
    }
    const [place] = order.splice(bestAt, 1) as [number];
    chosen.push({ place, factor: bestFactor });
    const ordinal = candidates.ordinals[place] as number;
    countOne(shops, catalog.shopAt(ordinal));
    countOne(categories, catalog.leafCategoryAt(ordinal));
  }
  return chosen;
}

/** Costs nothing for at least `places` items. */
function widened(spread: Spread, places: number): Spread {
  return { ...spread, free: Math.max(spread.free, places), most: Math.max(spread.most, places) };
}

/** Factor of what would exceed `most`: chosen only when nothing else is left. */
const LAST_RESORT = 1e-6;

export function spreadFactor(already: number | undefined, { free, floor, base, most }: Spread): number {
  if ((already ?? 0) >= most) return LAST_RESORT;
  const over = (already ?? 0) - free + 1;
  return over <= 0 ? 1 : floor + (1 - floor) * base ** over;
}

/** Ordinal −1 is "none": products without a shop or category are not one group. */
function countOne(counts: Map<number, number>, key: number): void {
  if (key !== -1) counts.set(key, (counts.get(key) ?? 0) + 1);
}
