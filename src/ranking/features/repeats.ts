import { DAY_MS } from '../../core/time.js';
import type { Feature } from './feature.js';

/** Share of the product's buyers who buy it again (R8). */
export const repeatShare: Feature = {
  name: 'repeat_share',
  default: 0.02,
  needs: 'repeats',
  value: (query, ordinal) => query.state.repeatOutlook(ordinal).repeatShareRatio,
};

/** Days since this person's last purchase of it over the usual gap: about 1 is due; 0 never bought. */
export const repeatDue: Feature = {
  name: 'repeat_due',
  default: 0,
  needs: 'repeats',
  value(query, ordinal) {
    const days = query.products.get(ordinal)?.history.purchaseDays;
    const last = days?.[days.length - 1];
    if (last === undefined) return 0;
    return Math.min(8, (query.nowMs / DAY_MS - last) / query.state.repeatOutlook(ordinal).medianDays);
  },
};
