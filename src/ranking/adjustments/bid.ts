import type { Adjustment } from './adjustment.js';

/** A paid bid, one bounded input (R11): 1–1.1. */
export const bid: Adjustment = {
  name: 'bid',
  oddsFactor: ({ query, candidates }, place) =>
    1 + 0.1 * Math.max(0, Math.min(1, query.state.catalog.bidAt(candidates.ordinals[place] as number))),
};
