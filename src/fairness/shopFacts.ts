import type { EpochMs } from '../core/time.js';
import type { RankingState } from '../ranking/rankingState.js';
import { shopPopularity } from '../tags/shopState.js';
import type { ShopFacts } from './stepFairness.js';

/** What a process knows of shops, as the loop asks for it. */
export function shopFactsOf(state: Pick<RankingState, 'catalog' | 'shopState'>, nowMs: EpochMs): ShopFacts {
  const { catalog } = state;
  const meritAt = (shop: number) => {
    const known = state.shopState(shop);
    return known === undefined ? 0 : shopPopularity(known, nowMs);
  };
  let shopCount = 0;
  let totalMerit = 0;
  for (let shop = 0; shop < catalog.shops.size; shop++) {
    if (catalog.productsOfShop(shop).length > 0) shopCount += 1;
    totalMerit += meritAt(shop);
  }
  return {
    shopCount,
    totalMerit,
    meritOf: (shopId) => meritAt(catalog.shops.of(shopId)),
    *newShops(sinceMs) {
      for (let shop = 0; shop < catalog.shops.size; shop++) {
        const { shopId, createdAtMs } = catalog.shopRecordAt(shop);
        if (createdAtMs !== undefined && createdAtMs > sinceMs) yield { shopId, createdAtMs };
      }
    },
  };
}
