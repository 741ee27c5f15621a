import { cosineWithProduct } from '../match.js';
import type { Source } from './source.js';

/** The latest arrivals looked at, and how many of them are proposed. */
const LOOKED_AT = 200;
const PROPOSED = 20;

/**
 * New products start from their category, attributes and title (R4): of the latest arrivals those
 * that match the person's tags best.
 */
export const newArrivals: Source = {
  name: 'new_arrivals',
  propose(query, boards) {
    return boards
      .ofAll('newest', query.nowMs)
      .ordinals.slice(0, LOOKED_AT)
      .map((ordinal) => ({ ordinal, match: cosineWithProduct(query.longTerm, ordinal, query.state.catalog) }))
      .sort((a, b) => b.match - a.match)
      .slice(0, PROPOSED)
      .map(({ ordinal }) => ordinal);
  },
};
