import type { Violation } from '../core/errors.js';
import type { CatalogIndex } from './catalogIndex.js';
import type { CatalogStore } from './catalogStore.js';
import { extractTags } from './extractTags.js';
import type { Product } from './product.js';
import type { Shop } from './shop.js';
import type { TitleSegmenter } from './titleSegmenter.js';
import { type RawProduct, validateProduct } from './validateProduct.js';
import { type RawShop, validateShop } from './validateShop.js';

/** What became of one shop or product. */
export type UpsertOutcome =
  | { readonly status: 'accepted' /** Of a product. */; readonly revision?: number }
  | { readonly status: 'rejected'; readonly violations: readonly Violation[] };

export interface CatalogDeps {
  readonly store: CatalogStore;
  readonly index: CatalogIndex;
  readonly segmenter: TitleSegmenter;
}

/** Keeps the shops that pass their checks; one outcome for each, in order, after the commit. */
export function createUpsertShops({ store, index }: CatalogDeps) {
  return async function upsertShops(shops: readonly RawShop[]): Promise<UpsertOutcome[]> {
    const good: Shop[] = [];
    const outcomes = shops.map((raw, at): UpsertOutcome => {
      const checked = validateShop(raw, `shops[${at}]`);
      if (!checked.ok) return { status: 'rejected', violations: checked.violations };
      good.push(checked.value);
      return { status: 'accepted' };
    });
    if (good.length > 0) await store.upsertShops(good);
    for (const shop of good) index.upsertShop(shop);
    return outcomes;
  };
}

/** Keeps the products that pass their checks; one outcome for each, in order, after the commit. */
export function createUpsertProducts({ store, index, segmenter }: CatalogDeps) {
  return async function upsertProducts(products: readonly RawProduct[]): Promise<UpsertOutcome[]> {
    const good: { readonly at: number; readonly product: Product }[] = [];
    const outcomes: UpsertOutcome[] = [];
    for (const [at, raw] of products.entries()) {
      const checked = validateProduct(raw, `products[${at}]`);
      if (checked.ok) good.push({ at, product: checked.value });
      else outcomes[at] = { status: 'rejected', violations: checked.violations };
    }
    if (good.length === 0) return outcomes;
    const revisions = await store.upsertProducts(good.map(({ product }) => product));
    for (const [i, { at }] of good.entries()) {
      const revision = revisions[i];
      if (revision === undefined) throw new Error('the catalogue store answered too few revisions');
      index.upsertProduct(revision, extractTags(revision.product, segmenter));
      outcomes[at] = { status: 'accepted', revision: revision.revision };
    }
    return outcomes;
  };
}
