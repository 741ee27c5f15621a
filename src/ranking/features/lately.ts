import type { Lately } from '../lately.js';
import type { Query } from '../query.js';
import type { Feature } from './feature.js';
import { dampedHours } from './ownHistory.js';

const inCategory = (query: Query, ordinal: number): Lately | undefined =>
  query.latelyInCategory.get(query.state.catalog.leafCategoryAt(ordinal));

const inShop = (query: Query, ordinal: number): Lately | undefined =>
  query.latelyInShop.get(query.state.catalog.shopAt(ordinal));

/** 1 in the leaf category that the person turned to last, falling with each turned to before; 0 in others. */
export const categoryPlace: Feature = {
  name: 'category_place',
  default: 0,
  needs: 'own history',
  value: (query, ordinal) => placeValue(inCategory(query, ordinal)),
};

/** Hours since the person turned to anything of the leaf category, damped. */
export const categoryHours: Feature = {
  name: 'category_hours',
  default: dampedHours(0, undefined),
  needs: 'own history',
  value: (query, ordinal) => dampedHours(query.nowMs, inCategory(query, ordinal)?.lastAtMs),
};

/** Share of what the person turned to lately that lies in the leaf category, the latest counting most. */
export const categoryShare: Feature = {
  name: 'category_share',
  default: 0,
  needs: 'own history',
  value: (query, ordinal) => inCategory(query, ordinal)?.share ?? 0,
};

/** The same as `category_place` for the shop. */
export const shopPlace: Feature = {
  name: 'shop_place',
  default: 0,
  needs: 'own history',
  value: (query, ordinal) => placeValue(inShop(query, ordinal)),
};

export const shopShare: Feature = {
  name: 'shop_share',
  default: 0,
  needs: 'own history',
  value: (query, ordinal) => inShop(query, ordinal)?.share ?? 0,
};

function placeValue(lately: Lately | undefined): number {
  return lately === undefined ? 0 : 1 / (1 + lately.place);
}
