import { cosineWithProduct } from '../match.js';
import type { Query } from '../query.js';
import type { Feature } from './feature.js';

export const longTermMatch: Feature = {
  name: 'long_term_match',
  default: 0,
  needs: 'tags',
  value: (query, ordinal) => cosineWithProduct(query.longTerm, ordinal, query.state.catalog),
};

export const shortTermMatch: Feature = {
  name: 'short_term_match',
  default: 0,
  needs: 'tags',
  value: (query, ordinal) => cosineWithProduct(query.shortTerm, ordinal, query.state.catalog),
};

function leafWeight(of: (query: Query) => ReadonlyMap<number, number>): Feature['value'] {
  return (query, ordinal) => of(query).get(query.state.catalog.tagsAt(ordinal).leafCategory) ?? 0;
}

/** Weight of the product's own leaf category in the person's taste. */
export const categoryTaste: Feature = {
  name: 'category_taste',
  default: 0,
  needs: 'tags',
  value: leafWeight((query) => query.longTermCategories),
};

export const categoryIntent: Feature = {
  name: 'category_intent',
  default: 0,
  needs: 'tags',
  value: leafWeight((query) => query.shortTermCategories),
};
