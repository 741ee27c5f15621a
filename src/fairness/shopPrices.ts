import type { FairnessPolicy } from './fairnessPolicy.js';

/** A shop's share of all exposure, and of all merit, each 0–1. */
export interface PricedShop {
  readonly shopId: string;
  readonly exposureRatio: number;
  readonly meritRatio: number;
}

/** How far a price moves while all that is remembered of exposure is renewed once; more than that rings. */
const STEP = 1.5;
/** Smaller prices change no page. */
const LEAST_PRICE = 1e-3;

/**
 * What a slot costs a shop that is shown far beyond its merit, in odds of a page's mean:
 * `μ ← clip(μ + η·(exposure ÷ Σ − c·merit), 0, μmax)`, the dual of a bound on each shop's share (P-MMF). η counts
 * in exposure: `fresh` is the part of it that came since the last step. Shops without a price are left out.
 */
export function nextPrices(
  before: ReadonlyMap<string, number>,
  {
    shops,
    fresh,
    policy,
  }: {
    shops: Iterable<PricedShop>;
    fresh: number;
    policy: Pick<FairnessPolicy, 'meritMultiple' | 'mostPrice'>;
  },
): Map<string, number> {
  const prices = new Map<string, number>();
  for (const { shopId, exposureRatio, meritRatio } of shops) {
    const moved =
      (before.get(shopId) ?? 0) + STEP * fresh * (exposureRatio - policy.meritMultiple * meritRatio);
    const price = Math.max(0, Math.min(policy.mostPrice, moved));
    if (price >= LEAST_PRICE || (price > 0 && moved > (before.get(shopId) ?? 0))) prices.set(shopId, price);
  }
  return prices;
}
