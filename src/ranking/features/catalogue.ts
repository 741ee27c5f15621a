import { DAY_MS } from '../../core/time.js';
import type { Feature } from './feature.js';

/** Damped days since the product first appeared; 7 (three years) when that is unknown. */
export const productAge: Feature = {
  name: 'product_age',
  default: 7,
  needs: 'catalogue',
  value(query, ordinal) {
    const created = query.state.catalog.createdAtMsAt(ordinal);
    const seen = query.state.productState(ordinal)?.firstSeenMs ?? Number.POSITIVE_INFINITY;
    const since = Number.isNaN(created) ? seen : created;
    return Number.isFinite(since) ? Math.log1p(Math.max(0, query.nowMs - since) / DAY_MS) : 7;
  },
};
