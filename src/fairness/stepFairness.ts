import { utcDay } from '../behaviour/counting.js';
import { decayFactor } from '../core/decay.js';
import type { EpochMs } from '../core/time.js';
import type { Exposure, ShopExposure } from './exposure.js';
import type { FairnessPolicy } from './fairnessPolicy.js';
import type { FairnessState } from './fairnessState.js';
import { headShops } from './headShops.js';
import { newShopLift } from './newShopLift.js';
import { nextPrices, type PricedShop } from './shopPrices.js';
import { steer } from './steering.js';

/** What is known of shops beside their exposure. */
export interface ShopFacts {
  /** Shops that have something to sell. */
  readonly shopCount: number;
  /** What people think of a shop: their fading weighted behaviour; not below 0. */
  meritOf(shopId: string): number;
  /** Of all shops together. */
  readonly totalMerit: number;
  /** Shops that came after `sinceMs`. */
  newShops(sinceMs: EpochMs): Iterable<{ readonly shopId: string; readonly createdAtMs: EpochMs }>;
}

/** Who is head is looked at again when so many times the pages are known that it stood on, not only daily. */
const REFREEZE_AT = 4;
/** Of all merit, the part that every shop has alike: nobody pays for being shown a little. */
const EVEN_MERIT_RATIO = 1 / 3;
/** Smaller lifts change no page. */
const LEAST_LIFT = 1e-3;

/** The next step of the loop: membership when it is due, the boost, and what shops pay and are owed. */
export function stepFairness(
  before: FairnessState,
  {
    exposure,
    facts,
    nowMs,
    policy,
    steeredBy,
  }: {
    exposure: Exposure;
    facts: ShopFacts;
    nowMs: EpochMs;
    policy: FairnessPolicy;
    steeredBy: string;
  },
): FairnessState {
  const shops = [...exposure.shopsAt(nowMs)];
  const pages = exposure.pagesAt(nowMs);
  const membership = frozenMembership(before, { shops, pages, facts, nowMs, policy });
  const head = new Set(membership.headShopIds);
  const steering = steer(
    before.steering,
    { ...sharesOf(shops, head), deliveredRatio: exposure.deliveredRatio(), pages, steppedAtMs: nowMs },
    policy,
  );
  return {
    version: before.version + 1,
    steeredBy,
    steering,
    ...membership,
    prices: pricesAfter(before, { shops, pages, facts, nowMs, policy }),
    newShopLifts: liftsOf({ exposure, facts, nowMs, policy }),
  };
}

interface Seen {
  readonly shops: readonly ShopExposure[];
  readonly pages: number;
  readonly facts: ShopFacts;
  readonly nowMs: EpochMs;
  readonly policy: FairnessPolicy;
}

function frozenMembership(
  before: FairnessState,
  { shops, pages, facts, nowMs, policy }: Seen,
): Pick<FairnessState, 'headShopIds' | 'frozenOnDay' | 'frozenAtPages'> {
  const { headShopIds, frozenOnDay, frozenAtPages } = before;
  const today = utcDay(nowMs);
  if (pages === 0 || (today === frozenOnDay && pages < REFREEZE_AT * frozenAtPages)) {
    return { headShopIds, frozenOnDay, frozenAtPages };
  }
  const head = headShops({
    standings: shops,
    shopCount: facts.shopCount,
    before: new Set(headShopIds),
    headShopRatio: policy.headShopRatio,
  });
  return { headShopIds: [...head].sort(), frozenOnDay: today, frozenAtPages: pages };
}

/** The tail's share of what shops were served, and of what they win by themselves. */
function sharesOf(
  shops: readonly ShopExposure[],
  head: ReadonlySet<string>,
): { tailShareRatio: number; naturalShareRatio: number } {
  let [served, natural, tailServed, tailNatural] = [0, 0, 0, 0];
  for (const shop of shops) {
    served += shop.served;
    natural += shop.natural;
    if (head.has(shop.shopId)) continue;
    tailServed += shop.served;
    tailNatural += shop.natural;
  }
  return {
    tailShareRatio: served > 0 ? tailServed / served : 0,
    naturalShareRatio: natural > 0 ? tailNatural / natural : 0,
  };
}

function pricesAfter(before: FairnessState, { shops, pages, facts, nowMs, policy }: Seen) {
  const { totalMerit, shopCount } = facts;
  const served = shops.reduce((sum, shop) => sum + shop.served, 0);
  if (totalMerit <= 0 || served <= 0 || shopCount === 0) return {};
  const { steering } = before;
  const old =
    steering.pages * decayFactor(Math.max(0, nowMs - steering.steppedAtMs), policy.exposureHalfLifeMs);
  const fresh = Math.max(0, Math.min(1, (pages - old) / (pages + policy.lowTrafficPages)));
  const priced = function* (): Generator<PricedShop> {
    for (const { shopId, served: own } of shops) {
      const merit =
        (1 - EVEN_MERIT_RATIO) * (facts.meritOf(shopId) / totalMerit) + EVEN_MERIT_RATIO / shopCount;
      yield { shopId, exposureRatio: own / served, meritRatio: merit };
    }
  };
  const prices = nextPrices(new Map(Object.entries(before.prices)), { shops: priced(), fresh, policy });
  return Object.fromEntries(prices);
}

function liftsOf({
  exposure,
  facts,
  nowMs,
  policy,
}: Pick<Seen, 'facts' | 'nowMs' | 'policy'> & { exposure: Exposure }) {
  const lifts: [shopId: string, lift: number][] = [];
  for (const { shopId, createdAtMs } of facts.newShops(nowMs - policy.newShops.windowMs)) {
    const served = exposure.ofShop(shopId, nowMs);
    const lift = newShopLift({ createdAtMs, served }, { nowMs, policy: policy.newShops });
    if (lift >= LEAST_LIFT) lifts.push([shopId, lift]);
  }
  return Object.fromEntries(lifts);
}
