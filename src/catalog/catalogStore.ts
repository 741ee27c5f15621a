import type { Product, ProductRevision } from './product.js';
import type { Shop } from './shop.js';

/** One change of the catalogue. Seqs are those of shops and products together, rising, with gaps. */
export type CatalogChange =
  | { readonly seq: number; readonly kind: 'shop'; readonly shop: Shop }
  | { readonly seq: number; readonly kind: 'product'; readonly revision: ProductRevision };

/**
 * The truth about shops and products. Writes resolve after the commit and are all or nothing for
 * one call; writing equal content again changes nothing.
 *
 * Every write that changes something gets a seq, in the order in which writes become visible:
 * nothing can appear behind a seq that `changes` or `lastChangeSeq` has shown.
 */
export interface CatalogStore {
  upsertShops(shops: readonly Shop[]): Promise<void>;
  /**
   * Keeps every revision of every product. Answers in the order given: the revision now current.
   * The same `productId` twice in a call: the later one wins.
   */
  upsertProducts(products: readonly Product[]): Promise<ProductRevision[]>;
  getShop(shopId: string): Promise<Shop | undefined>;
  getProduct(productId: string): Promise<ProductRevision | undefined>;
  /** All shops, by id, in pages. */
  allShops(): AsyncIterable<Shop[]>;
  /** All revisions of all products, by product id and revision, in pages; the last of each is current. */
  allProductRevisions(): AsyncIterable<ProductRevision[]>;
  counts(): Promise<{ shops: number; products: number }>;
  /**
   * What changed after `afterSeq`, in rising seq, at most `limit` of it; fewer (or none) at the end.
   * Every revision of every product, those of one in their order; a shop once, at its latest change.
   * Whoever starts at 0 sees all of the catalogue.
   */
  changes(options: { afterSeq: number; limit: number }): Promise<CatalogChange[]>;
  /** The highest seq that `changes` would yield now, 0 for an empty catalogue. */
  lastChangeSeq(): Promise<number>;
}
