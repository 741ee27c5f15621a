import type { CatalogIndex } from '../catalog/catalogIndex.js';
import { overriddenTags } from '../catalog/overriddenTags.js';
import type { WordsByTag } from '../catalog/overrideWord.js';
import { fieldWeightOf, productsInTag, type ShopTag, shopTags } from '../catalog/shopTags.js';
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
  overrides,
  ...shop
}: ShopReading & { readonly overrides: WordsByTag | undefined }): OverriddenShopTag[] {
  const tags = shopTags(soldProducts(shop));
  return overrides === undefined ? tags : overridden(tags, overrides);
}

/** What a shop is made of. */
export interface ShopReading {
  readonly catalog: CatalogIndex;
  readonly shopOrdinal: number;
  readonly state: ShopState | undefined;
  readonly nowMs: EpochMs;
}

/** The products that carry a tag of a shop, and what each adds to its weight. */
export function productParts(
  shop: ShopReading,
  tag: string,
): { productId: string; sales: number; assortmentRatio: number; weight: number }[] {
  return productsInTag(soldProducts(shop), tag).map(({ product: { productId, sales }, ...part }) => ({
    productId,
    sales,
    ...part,
  }));
}

function soldProducts({ catalog, shopOrdinal, state, nowMs }: ShopReading) {
  return Array.from(catalog.productsOfShop(shopOrdinal), (ordinal) => {
    const productId = catalog.products.idOf(ordinal);
    const sales = state === undefined ? 0 : salesOf(state, productId, nowMs);
    return { productId, tags: catalog.namedTagsAt(ordinal), sales };
  });
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
