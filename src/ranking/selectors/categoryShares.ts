import type { Query } from '../query.js';

/** Of every page some is left for other categories, whatever the person looks at (R9). */
const MOST_SHARE = 0.9;

/**
 * How much of a page each leaf category may fill at no cost: its share of what the person did lately,
 * the latest counting most, at most nine tenths. Who compares twenty headphones wants a page of
 * headphones, who looks around a mixed one: calibration (Steck, RecSys 2018) as a bound on the spread.
 * Keyed by category ordinal; what has no category has no share. Measured in
 * `docs/decisions/0018-pages-are-as-wide-as-the-visit.md`.
 */
export function categoryShares({ recent, state }: Query): Map<number, number> {
  const shares = new Map<number, number>();
  const total = recent.reduce((sum, { weight }) => sum + weight, 0);
  for (const { ordinal, weight } of recent) {
    const category = state.catalog.leafCategoryAt(ordinal);
    if (category !== -1) shares.set(category, (shares.get(category) ?? 0) + weight / total);
  }
  return new Map([...shares].map(([category, share]) => [category, Math.min(MOST_SHARE, share)]));
}
