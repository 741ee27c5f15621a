import { popularityAt } from '../../tags/productState.js';
import type { Query } from '../query.js';
import type { Feature } from './feature.js';

/** Popularity over that of the most popular product, on a logarithmic scale, 0–1. */
function popularityShare(query: Query, ordinal: number, index: number): number {
  const product = query.state.productState(ordinal);
  if (product === undefined) return 0;
  // Boards may be a little stale, hence the bound.
  const top = Math.max(1e-9, query.popularityTops[index] as number);
  return Math.min(1.5, Math.log1p(popularityAt(product, index, query.nowMs)) / Math.log1p(top));
}

const popularity = (name: string, index: number): Feature => ({
  name,
  default: 0,
  needs: 'popularity',
  value: (query, ordinal) => popularityShare(query, ordinal, index),
});

export const popularityDay = popularity('popularity_day', 0);
export const popularityWeek = popularity('popularity_week', 1);
export const popularityMonth = popularity('popularity_month', 2);
export const popularityQuarter = popularity('popularity_quarter', 3);

/** Weighted behaviour of all time, damped, not relative to anything. */
export const popularityAllTime: Feature = {
  name: 'popularity_all_time',
  default: 0,
  needs: 'popularity',
  value: (query, ordinal) => Math.log1p(Math.max(0, query.state.productState(ordinal)?.allTime ?? 0)),
};

/** The last week against the last month: above 0 rising, below 0 falling. */
export const trend: Feature = {
  name: 'trend',
  default: 0,
  needs: 'popularity',
  value(query, ordinal) {
    const product = query.state.productState(ordinal);
    if (product === undefined) return 0;
    const week = popularityAt(product, 1, query.nowMs);
    const month = popularityAt(product, 2, query.nowMs);
    return Math.log((week + 1) / (month * (7 / 30) + 1));
  },
};
