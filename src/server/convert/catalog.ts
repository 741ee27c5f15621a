import type { ProductRevision } from '../../catalog/product.js';
import type { Shop } from '../../catalog/shop.js';
import type { RawProduct } from '../../catalog/validateProduct.js';
import type { RawShop } from '../../catalog/validateShop.js';
import type {
  GetProductResponse,
  Product as WireProduct,
  Shop as WireShop,
} from '../../gen/tagrank/v1/catalog.js';
import { toEpochMs, toNumber, toTimestamp } from './scalars.js';

export function toRawShop(shop: WireShop): RawShop {
  return {
    shopId: shop.shopId,
    name: shop.name,
    category: shop.category,
    region: shop.region,
    createdAtMs: toEpochMs(shop.createdAt),
  };
}

export function fromShop(shop: Shop): WireShop {
  return {
    shopId: shop.shopId,
    name: shop.name,
    category: shop.category ?? '',
    region: shop.region ?? '',
    createdAt: toTimestamp(shop.createdAtMs),
  };
}

export function toRawProduct(product: WireProduct): RawProduct {
  return {
    productId: product.productId,
    shopId: product.shopId,
    title: product.title,
    categoryPath: product.categoryPath,
    brand: product.brand,
    attributes: product.attributes,
    priceMinor: toNumber(product.priceMinor),
    currency: product.currency,
    inStock: product.inStock,
    createdAtMs: toEpochMs(product.createdAt),
    bid: product.bid,
  };
}

export function fromProductRevision({ product, revision }: ProductRevision): GetProductResponse {
  return {
    product: {
      productId: product.productId,
      shopId: product.shopId ?? '',
      title: product.title,
      categoryPath: [...product.categoryPath],
      brand: product.brand ?? '',
      attributes: { ...product.attributes },
      priceMinor: product.priceMinor === undefined ? undefined : BigInt(product.priceMinor),
      currency: product.currency ?? '',
      inStock: product.inStock,
      createdAt: toTimestamp(product.createdAtMs),
      bid: product.bid,
    },
    revision: BigInt(revision),
  };
}
