import { asRecord, type Checked, FieldReader } from '../core/fieldReader.js';
import type { EpochMs } from '../core/time.js';
import type { Product } from './product.js';

/** UTF-8 bytes: room for about 330 Chinese characters, five times what marketplaces allow. */
export const MAX_TITLE_BYTES = 1_000;
export const MAX_BRAND_BYTES = 200;
export const MAX_CATEGORY_LEVELS = 8;
export const MAX_CATEGORY_LEVEL_BYTES = 128;

/** A product as a caller or a file gave it; undefined, null and the empty text mean absent. */
export interface RawProduct {
  readonly productId?: string | null;
  readonly shopId?: string | null;
  readonly title?: string | null;
  /** Levels from the widest to the leaf. */
  readonly categoryPath?: readonly string[] | null;
  readonly brand?: string | null;
  readonly attributes?: Readonly<Record<string, string | number>> | null;
  readonly priceMinor?: number | null;
  readonly currency?: string | null;
  /** In stock when absent. */
  readonly inStock?: boolean | null;
  readonly createdAtMs?: EpochMs | null;
  /** No bid when absent. */
  readonly bid?: number | null;
}

/** Checks and normalises one product. `field` is its path in the request, e.g. `products[3]`. */
export function validateProduct(raw: RawProduct, field: string): Checked<Product> {
  const record = asRecord(raw);
  const read = new FieldReader(field);
  const productId = read.id('product_id', record.productId);
  const shopId = read.optionalId('shop_id', record.shopId);
  const title = read.text('title', record.title, MAX_TITLE_BYTES);
  const categoryPath = readCategoryPath(read, record.categoryPath);
  const brand = read.optionalText('brand', record.brand, MAX_BRAND_BYTES);
  const attributes = read.attributes('attributes', record.attributes);
  const priceMinor = read.optionalPriceMinor('price_minor', record.priceMinor);
  const currency = read.optionalCurrency('currency', record.currency);
  const inStock = read.optionalFlag('in_stock', record.inStock) ?? true;
  const createdAtMs = read.optionalTime('created_at', record.createdAtMs);
  const bid = read.optionalNumber('bid', record.bid, { min: 0, max: 1 }) ?? 0;
  return read.checked(() => ({
    productId,
    ...(shopId !== undefined && { shopId }),
    title,
    categoryPath,
    ...(brand !== undefined && { brand }),
    attributes,
    ...(priceMinor !== undefined && { priceMinor }),
    ...(currency !== undefined && { currency }),
    inStock,
    ...(createdAtMs !== undefined && { createdAtMs }),
    bid,
  }));
}

function readCategoryPath(read: FieldReader, value: unknown): string[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) {
    read.violate('category_path', 'must be a list of levels');
    return [];
  }
  if (value.length > MAX_CATEGORY_LEVELS) {
    read.violate('category_path', `must have at most ${MAX_CATEGORY_LEVELS} levels, not ${value.length}`);
    return [];
  }
  return Array.from(value, (level: unknown, i) => {
    const name = `category_path[${i}]`;
    if (level === undefined || level === null || (typeof level === 'string' && level.trim() === '')) {
      read.violate(name, 'must not be empty');
      return '';
    }
    return read.text(name, level, MAX_CATEGORY_LEVEL_BYTES);
  });
}
