import { priceFit, spendingLevel } from '../../tags/spending.js';
import type { Query } from '../query.js';
import type { Feature } from './feature.js';

/** How well the price suits this person in this category (R10); 0.5 without a price or any choice of theirs. */
export function priceFitOf(query: Query, ordinal: number): number {
  const percentile = query.state.catalog.pricePercentileAt(ordinal);
  // Without a choice to go by, the prior would only favour the middle of every category.
  if (Number.isNaN(percentile) || query.spending.overall.weight.sum <= 0) return 0.5;
  const { catalog } = query.state;
  return priceFit(spendingLevel(query.spending, catalog.leafCategoryOf(ordinal), query.nowMs), percentile);
}

export const priceFitFeature: Feature = {
  name: 'price_fit',
  default: 0.5,
  needs: 'price',
  value: priceFitOf,
};

/** Where the price lies in its category: 0 cheapest, 1 dearest. */
export const pricePercentile: Feature = {
  name: 'price_percentile',
  default: 0.5,
  needs: 'price',
  value(query, ordinal) {
    const percentile = query.state.catalog.pricePercentileAt(ordinal);
    return Number.isNaN(percentile) ? 0.5 : percentile;
  },
};
