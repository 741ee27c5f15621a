import type { CatalogIndex } from '../catalog/catalogIndex.js';
import { NONE } from '../catalog/ordinals.js';
import type { EpochMs } from '../core/time.js';
import { normalise } from '../core/vectors.js';
import type { ShopState } from './shopState.js';
import { salesOf } from './shopState.js';

/** What a tag of a shop's products adds up to. */
export interface ProductTag {
  /** Share-weighted tag weight times idf. */
  weight: number;
  /** Products that carry it. */
  count: number;
}

/** Weight that a product has without any sales: a new shop has tags from the first day (R4). */
const UNSOLD_WEIGHT = 1;

/**
 * A shop's own tags from its products (T2): each product counts by its sales, loyal and clear
 * buyers' most (T5), and a little for being there at all.
 */
export function shopProductTags({
  catalog,
  shopOrdinal,
  state,
  nowMs,
}: {
  catalog: CatalogIndex;
  shopOrdinal: number;
  state: ShopState | undefined;
  nowMs: EpochMs;
}): Map<string, ProductTag> {
  const tags = new Map<string, ProductTag>();
  const products = catalog.productsOfShop(shopOrdinal);
  let total = 0;
  const shares: number[] = [];
  for (const ordinal of products) {
    const sales = state === undefined ? 0 : salesOf(state, catalog.products.idOf(ordinal), nowMs);
    shares.push(UNSOLD_WEIGHT + sales);
    total += UNSOLD_WEIGHT + sales;
  }
  for (const [i, ordinal] of products.entries()) {
    const share = (shares[i] as number) / total;
    const content = catalog.tagsAt(ordinal);
    for (let j = 0; j < content.tags.length; j++) {
      const tag = content.tags[j] as number;
      const weight = share * (content.weights[j] as number) * catalog.idfAt(tag);
      const name = catalog.tags.idOf(tag);
      const found = tags.get(name);
      if (found === undefined) tags.set(name, { weight, count: 1 });
      else {
        found.weight += weight;
        found.count += 1;
      }
    }
  }
  return tags;
}

/** The shop's vector of product tags, length 1. */
export function shopVector(tags: ReadonlyMap<string, ProductTag>): Map<string, number> {
  return normalise(new Map([...tags].map(([tag, { weight }]) => [tag, weight])));
}

/** The ordinal of a shop that exists, or undefined. */
export function knownShop(catalog: CatalogIndex, shopId: string): number | undefined {
  const ordinal = catalog.shops.of(shopId);
  return ordinal === NONE ? undefined : ordinal;
}
