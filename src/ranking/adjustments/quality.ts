import { qualityOf } from '../quality.js';
import type { Adjustment } from './adjustment.js';

/** Quality and reputation (R6): 0.9 for the worst rated, 1.1 for the best. */
export const quality: Adjustment = {
  name: 'quality',
  oddsFactor: ({ query, candidates }, place) =>
    0.9 + 0.2 * qualityOf(query.state.productState(candidates.ordinals[place] as number), query.nowMs),
};
