import { priceFitOf } from '../features/price.js';
import type { Adjustment } from './adjustment.js';

/** Price against this person's spending level in the category (R10): 0.9–1.1. */
export const priceFit: Adjustment = {
  name: 'priceFit',
  oddsFactor: ({ query, candidates }, place) =>
    0.9 + 0.2 * priceFitOf(query, candidates.ordinals[place] as number),
};
