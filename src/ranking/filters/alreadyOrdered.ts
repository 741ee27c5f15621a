import { utcDay } from '../../behaviour/counting.js';
import { isDueAgain } from '../../behaviour/repurchase.js';
import type { Filter } from './filter.js';

/** A product already ordered is not shown again until its repurchase cycle says it is due (R8). */
export const alreadyOrdered: Filter = {
  name: 'already_ordered',
  keeps(query, ordinal) {
    const days = query.products.get(ordinal)?.history.purchaseDays;
    const last = days?.[days.length - 1];
    if (last === undefined) return true;
    return isDueAgain(query.state.repeatOutlook(ordinal), utcDay(query.nowMs) - last);
  },
};
