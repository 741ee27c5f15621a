import { behavioursOf } from '../../tags/productState.js';
import { ratingQuality, refundRatio } from '../quality.js';
import type { Feature } from './feature.js';

export const rating: Feature = {
  name: 'rating',
  default: 0.75,
  needs: 'quality',
  value: (query, ordinal) => ratingQuality(query.state.productState(ordinal)),
};

export const ratingCount: Feature = {
  name: 'rating_count',
  default: 0,
  needs: 'quality',
  value: (query, ordinal) => Math.log1p(query.state.productState(ordinal)?.ratingCount ?? 0),
};

export const refunds: Feature = {
  name: 'refund_ratio',
  default: 0.02,
  needs: 'quality',
  value: (query, ordinal) => refundRatio(query.state.productState(ordinal), query.nowMs),
};

/** Purchases per browse, shrunk to one in thirty. */
export const conversion: Feature = {
  name: 'conversion',
  default: 1 / 30,
  needs: 'quality',
  value(query, ordinal) {
    const product = query.state.productState(ordinal);
    if (product === undefined) return 1 / 30;
    const purchases = behavioursOf(product, 'purchase', query.nowMs);
    const browses = behavioursOf(product, 'browse', query.nowMs);
    return Math.min(2, (purchases + 1) / (browses + 30));
  },
};
