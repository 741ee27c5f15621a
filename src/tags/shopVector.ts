import type { CatalogIndex } from '../catalog/catalogIndex.js';
import { type ShopTag, shopTags } from '../catalog/shopTags.js';
import type { EpochMs } from '../core/time.js';
import { normalise } from '../core/vectors.js';
import { type ShopState, salesOf } from './shopState.js';

/** A shop as its products and their sales make it, loyal and clear buyers' purchases counting most (T2, T5). */
export function tagsOfShop({
  catalog,
  shopOrdinal,
  state,
  nowMs,
}: {
  catalog: CatalogIndex;
  shopOrdinal: number;
  state: ShopState | undefined;
  nowMs: EpochMs;
}): ShopTag[] {
  const products = Array.from(catalog.productsOfShop(shopOrdinal), (ordinal) => ({
    tags: catalog.tagsOf(ordinal, catalog.revisionAt(ordinal)) ?? [],
    sales: state === undefined ? 0 : salesOf(state, catalog.products.idOf(ordinal), nowMs),
  }));
  return shopTags(products);
}

/** The shop's vector: its tags times inverse document frequency, length 1. */
export function shopVector(tags: readonly ShopTag[], idf: (tag: string) => number): Map<string, number> {
  return normalise(new Map(tags.map(({ tag, weight }) => [tag, weight * idf(tag)])));
}
