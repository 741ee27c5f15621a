import type { CatalogIndex } from '../catalog/catalogIndex.js';
import { overriddenTags } from '../catalog/overriddenTags.js';
import type { WordsByTag } from '../catalog/overrideWord.js';
import { fieldWeightOf, type ShopTag, shopTags } from '../catalog/shopTags.js';
import type { EpochMs } from '../core/time.js';
import { normalise } from '../core/vectors.js';
import { type ShopState, salesOf } from './shopState.js';

/** A shop's tag as it is read. */
export interface OverriddenShopTag extends ShopTag {
  /** What the shop's products make of it; absent where that is its weight. */
  readonly ofProducts?: number;
}

/**
 * A shop as its products and their sales make it, loyal and clear buyers' purchases counting most (T2,
 * T5), and as an operator has the products and the shop read.
 */
export function tagsOfShop({
  catalog,
  shopOrdinal,
  state,
  nowMs,
  overrides,
}: {
  catalog: CatalogIndex;
  shopOrdinal: number;
  state: ShopState | undefined;
  nowMs: EpochMs;
  overrides: WordsByTag | undefined;
}): OverriddenShopTag[] {
  const products = Array.from(catalog.productsOfShop(shopOrdinal), (ordinal) => ({
    tags: catalog.namedTagsAt(ordinal),
    sales: state === undefined ? 0 : salesOf(state, catalog.products.idOf(ordinal), nowMs),
  }));
  const tags = shopTags(products);
  return overrides === undefined ? tags : overridden(tags, overrides);
}

/** As much of the assortment is taken to carry a tag as would give it the weight that it is given. */
function overridden(tags: readonly ShopTag[], words: WordsByTag): OverriddenShopTag[] {
  const own = new Map(tags.map((tag) => [tag.tag, tag]));
  return overriddenTags(tags, words).map(({ tag, field, weight }): OverriddenShopTag => {
    const known = own.get(tag);
    if (known?.weight === weight) return known;
    const shareRatio = Math.min(1, weight / fieldWeightOf(field));
    return { tag, field, shareRatio, weight, count: known?.count ?? 0, ofProducts: known?.weight ?? 0 };
  });
}

/** The shop's vector: its tags times inverse document frequency, length 1. */
export function shopVector(tags: readonly ShopTag[], idf: (tag: string) => number): Map<string, number> {
  return normalise(new Map(tags.map(({ tag, weight }) => [tag, weight * idf(tag)])));
}
