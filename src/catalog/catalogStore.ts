import type { Product, ProductRevision } from './product.js';
import type { Shop } from './shop.js';

/**
 * The truth about shops and products. Writes resolve after the commit and are all or nothing for
 * one call; writing equal content again changes nothing.
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
}
