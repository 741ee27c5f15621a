import type { Product, ProductRevision } from '../../catalog/product.js';
import type { Shop } from '../../catalog/shop.js';
import { type Column, withoutNulls } from './columns.js';
import { jsonList, jsonRecord } from './text.js';

export const SHOP_COLUMNS: readonly Column<Shop>[] = [
  { name: 'shop_id', type: 'text', value: (shop) => shop.shopId },
  { name: 'name', type: 'text', value: (shop) => shop.name },
  { name: 'category', type: 'text', value: (shop) => shop.category },
  { name: 'region', type: 'text', value: (shop) => shop.region },
  { name: 'created_at_ms', type: 'bigint', value: (shop) => shop.createdAtMs },
];

export type ShopRow = {
  readonly shop_id: string;
  readonly name: string;
  readonly category: string | null;
  readonly region: string | null;
  readonly created_at_ms: number | null;
};

export function shopFromRow(row: ShopRow): Shop {
  return withoutNulls<Shop>({
    shopId: row.shop_id,
    name: row.name,
    category: row.category,
    region: row.region,
    createdAtMs: row.created_at_ms,
  });
}

/** A product's content: what a new revision is made for. */
export const CONTENT_COLUMNS: readonly Column<Product>[] = [
  { name: 'shop_id', type: 'text', value: (product) => product.shopId },
  { name: 'title', type: 'text', value: (product) => product.title },
  { name: 'category_path', type: 'jsonb', value: (product) => jsonList(product.categoryPath) },
  { name: 'brand', type: 'text', value: (product) => product.brand },
  { name: 'attributes', type: 'jsonb', value: (product) => jsonRecord(product.attributes) },
  { name: 'price_minor', type: 'bigint', value: (product) => product.priceMinor },
  { name: 'currency', type: 'text', value: (product) => product.currency },
  { name: 'in_stock', type: 'boolean', value: (product) => product.inStock },
  { name: 'created_at_ms', type: 'bigint', value: (product) => product.createdAtMs },
  { name: 'bid', type: 'double precision', value: (product) => product.bid },
];

export const PRODUCT_COLUMNS: readonly Column<Product>[] = [
  { name: 'product_id', type: 'text', value: (product) => product.productId },
  ...CONTENT_COLUMNS,
];

export type ProductRow = {
  readonly product_id: string;
  readonly revision: number;
  readonly shop_id: string | null;
  readonly title: string;
  readonly category_path: readonly string[];
  readonly brand: string | null;
  readonly attributes: Readonly<Record<string, string>>;
  readonly price_minor: number | null;
  readonly currency: string | null;
  readonly in_stock: boolean;
  readonly created_at_ms: number | null;
  readonly bid: number;
};

export function revisionFromRow(row: ProductRow): ProductRevision {
  const product = withoutNulls<Product>({
    productId: row.product_id,
    shopId: row.shop_id,
    title: row.title,
    categoryPath: row.category_path,
    brand: row.brand,
    attributes: row.attributes,
    priceMinor: row.price_minor,
    currency: row.currency,
    inStock: row.in_stock,
    createdAtMs: row.created_at_ms,
    bid: row.bid,
  });
  return { product, revision: row.revision };
}
