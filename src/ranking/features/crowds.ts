import { crowdWeight } from '../../behaviour/crowds.js';
import { popularityAt } from '../../tags/productState.js';
import type { Feature } from './feature.js';

/** Crowd weight at which its own choices count as much as everybody's. */
const PRIOR_WEIGHT = 50;

/**
 * How much more the person's crowds choose this than everybody does (R3): mean logarithm of the
 * smoothed ratio over the crowds known, −4…4.
 */
export const crowdLift: Feature = {
  name: 'crowd_lift',
  default: 0,
  needs: 'crowds',
  value(query, ordinal) {
    const product = query.state.productState(ordinal);
    if (product === undefined || query.crowds.length === 0) return 0;
    const everybody = (popularityAt(product, 2, query.nowMs) + 0.01) / (query.totalPopularity + 1);
    let sum = 0;
    for (const { crowd } of query.crowds) {
      const { weight, total } = crowdWeight(crowd, ordinal, query.nowMs);
      sum += Math.log((weight + PRIOR_WEIGHT * everybody) / (total + PRIOR_WEIGHT) / everybody);
    }
    return Math.max(-4, Math.min(4, sum / query.crowds.length));
  },
};

/** Share of the crowds' choices that fall on this product, damped. */
export const crowdShare: Feature = {
  name: 'crowd_share',
  default: 0,
  needs: 'crowds',
  value(query, ordinal) {
    if (query.crowds.length === 0) return 0;
    let sum = 0;
    for (const { crowd } of query.crowds) {
      const { weight, total } = crowdWeight(crowd, ordinal, query.nowMs);
      if (total > 0) sum += weight / total;
    }
    return Math.log1p((1_000 * sum) / query.crowds.length);
  },
};
