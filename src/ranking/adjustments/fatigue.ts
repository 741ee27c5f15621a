import { decayFactor } from '../../core/decay.js';
import { DAY_MS, halfLife } from '../../core/time.js';
import type { Adjustment } from './adjustment.js';

const HALF_LIFE = halfLife(3 * DAY_MS);
/** Servings that tire nobody. */
const FREE_SERVINGS = 3;
const PER_SERVING = 0.1;

/** The same content is not shown for long (R9): falls to 0.5, comes back within days or with a response. */
export const fatigue: Adjustment = {
  name: 'fatigue',
  oddsFactor({ query, candidates, served }, place) {
    const ordinal = candidates.ordinals[place] as number;
    const seen = served.timesByProduct.get(ordinal);
    if (seen === undefined) return 1;
    const lastActMs = query.products.get(ordinal)?.history.lastAtMs ?? Number.NEGATIVE_INFINITY;
    if (lastActMs >= seen.lastAtMs) return 1;
    const tiring = seen.times * decayFactor(query.nowMs - seen.lastAtMs, HALF_LIFE) - FREE_SERVINGS;
    return tiring <= 0 ? 1 : Math.max(0.5, Math.exp(-PER_SERVING * tiring));
  },
};
