import { FEATURES } from '../features/index.js';
import type { Scorer } from './scorer.js';

/** Coefficients by feature name: what stands in while there is no model. */
export const HAND_SET_COEFFICIENTS: Readonly<Record<string, number>> = {
  own_interest: 0.6,
  own_recent_rank: 0.8,
  own_in_cart: 0.8,
  own_favourite: 0.5,
  own_purchase_rate: 0.5,
  shop_affinity: 0.8,
  long_term_match: 1,
  short_term_match: 1.2,
  category_taste: 0.5,
  related_share: 1.5,
  related_best: 1,
  popularity_week: 0.8,
  popularity_month: 0.6,
  crowd_lift: 0.3,
  price_fit: 0.4,
  rating: 0.5,
};

/** A weighted sum of the features that say most. */
export const handSetScorer: Scorer = {
  async score(features, rows) {
    const logOdds = new Float32Array(rows);
    for (let row = 0; row < rows; row++) {
      let sum = -4;
      for (const [column, { name }] of FEATURES.entries()) {
        const coefficient = HAND_SET_COEFFICIENTS[name];
        if (coefficient !== undefined)
          sum += coefficient * (features[row * FEATURES.length + column] as number);
      }
      logOdds[row] = sum;
    }
    return logOdds;
  },
};
