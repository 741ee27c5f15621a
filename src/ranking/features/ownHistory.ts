import { DAY_MS, HOUR_MS } from '../../core/time.js';
import type { BehaviourType } from '../../core/vocabulary.js';
import type { OwnProduct, Query } from '../query.js';
import type { Feature } from './feature.js';

const YEAR_HOURS = 365 * 24;

/** Hours since something happened, damped: 0 now, about 9 a year ago or never. */
export function dampedHours(nowMs: number, atMs: number | undefined): number {
  if (atMs === undefined || !Number.isFinite(atMs)) return Math.log1p(YEAR_HOURS);
  return Math.log1p(Math.min(YEAR_HOURS, Math.max(0, nowMs - atMs) / HOUR_MS));
}

function own(name: string, value: (own: OwnProduct, query: Query) => number): Feature {
  return {
    name,
    default: 0,
    needs: 'own history',
    value(query, ordinal) {
      const found = query.products.get(ordinal);
      return found === undefined ? 0 : value(found, query);
    },
  };
}

function countOf({ history }: OwnProduct, type: BehaviourType): number {
  return history.byType.get(type)?.count ?? 0;
}

function lastOf({ history }: OwnProduct, type: BehaviourType): number {
  return history.byType.get(type)?.lastAtMs ?? Number.NEGATIVE_INFINITY;
}

export const ownInterest = own(
  'own_interest',
  ({ interest }) => Math.sign(interest) * Math.log1p(Math.abs(interest)),
);

export const ownHoursSince: Feature = {
  name: 'own_hours_since',
  default: Math.log1p(YEAR_HOURS),
  needs: 'own history',
  value: (query, ordinal) => dampedHours(query.nowMs, query.products.get(ordinal)?.history.lastAtMs),
};

export const ownBehaviours = own('own_behaviours', (product) => {
  let count = 0;
  for (const entry of product.history.byType.values()) count += entry.count;
  return Math.log1p(count);
});

export const ownPurchaseDays = own('own_purchase_days', ({ history }) =>
  Math.log1p(history.purchaseDays.length),
);

/** Purchase days a month since the first one: the person's own rate. */
export const ownPurchaseRate = own('own_purchase_rate', ({ history }, { nowMs }) => {
  const first = history.purchaseDays[0];
  if (first === undefined) return 0;
  const days = Math.max(7, nowMs / DAY_MS - first);
  return (30 * history.purchaseDays.length) / days;
});

/** Days since the last purchase over the person's own usual gap; 0 without two purchase days. */
export const ownCadence = own('own_cadence', ({ history }, { nowMs }) => {
  const { purchaseDays: days } = history;
  if (days.length < 2) return 0;
  const [first, last] = [days[0] as number, days[days.length - 1] as number];
  return Math.min(8, (nowMs / DAY_MS - last) / ((last - first) / (days.length - 1)));
});

/** 1 while something put in the cart was neither bought nor taken out since. */
export const ownInCart = own('own_in_cart', (product) =>
  isOpen(product, 'add_to_cart', ['purchase', 'remove_from_cart']) ? 1 : 0,
);

export const ownFavourite = own('own_favourite', (product) =>
  isOpen(product, 'favourite', ['remove_favourite']) ? 1 : 0,
);

function isOpen(product: OwnProduct, opening: BehaviourType, closing: readonly BehaviourType[]): boolean {
  if (countOf(product, opening) === 0) return false;
  return closing.every((type) => lastOf(product, type) < lastOf(product, opening));
}

/** Position among the products acted on last: 1 for the very last, falling; 0 for none of them. */
export const ownRecentRank: Feature = {
  name: 'own_recent_rank',
  default: 0,
  needs: 'own history',
  value(query, ordinal) {
    const place = query.recentPlaces.get(ordinal);
    return place === undefined ? 0 : 1 / (1 + place);
  },
};

export const shopAffinityFeature: Feature = {
  name: 'shop_affinity',
  default: 0,
  needs: 'own history',
  value: (query, ordinal) => query.shops.get(query.state.catalog.shopAt(ordinal))?.affinity ?? 0,
};

/** Order days at the product's shop (R1). */
export const shopOrders: Feature = {
  name: 'shop_orders',
  default: 0,
  needs: 'own history',
  value: (query, ordinal) =>
    Math.log1p(query.shops.get(query.state.catalog.shopAt(ordinal))?.history.purchaseDays.length ?? 0),
};

/** How much history there is to judge by. */
export const historySize: Feature = {
  name: 'history_size',
  default: 0,
  needs: 'own history',
  value: (query) => Math.log1p(query.products.size),
};

/** Hours since the person did anything. */
export const hoursSinceSeen: Feature = {
  name: 'hours_since_seen',
  default: Math.log1p(YEAR_HOURS),
  needs: 'own history',
  value: (query) => dampedHours(query.nowMs, query.recent[0]?.atMs),
};
