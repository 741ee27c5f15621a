import type { RawBehaviour } from '../behaviour/validateBehaviour.js';
import type { RawProduct } from '../catalog/validateProduct.js';
import type { RawShop } from '../catalog/validateShop.js';
import type { RawUser } from '../identity/validateUser.js';
import type { CellReader } from './cellReader.js';

/**
 * The columns of the import form and the raw records that their cells make. Columns that the form does
 * not name are not read.
 */

export const SHOP_COLUMNS = ['shop_id', 'name', 'category', 'region', 'created_at'] as const;

export function shopRow(cells: CellReader): RawShop {
  return {
    shopId: cells.text('shop_id'),
    name: cells.text('name'),
    category: cells.text('category'),
    region: cells.text('region'),
    createdAtMs: cells.time('created_at'),
  };
}

export const PRODUCT_COLUMNS = [
  'product_id',
  'shop_id',
  'title',
  'category_path',
  'brand',
  'attributes',
  'price_minor',
  'currency',
  'in_stock',
  'created_at',
] as const;

export function productRow(cells: CellReader): RawProduct {
  return {
    productId: cells.text('product_id'),
    shopId: cells.text('shop_id'),
    title: cells.text('title'),
    categoryPath: cells.path('category_path'),
    brand: cells.text('brand'),
    attributes: cells.json('attributes'),
    priceMinor: cells.number('price_minor'),
    currency: cells.text('currency'),
    inStock: cells.flag('in_stock'),
    createdAtMs: cells.time('created_at'),
  };
}

export const USER_COLUMNS = ['user_id', 'gender', 'age_band', 'region', 'timezone', 'attributes'] as const;

export function userRow(cells: CellReader): RawUser {
  return {
    userId: cells.text('user_id'),
    gender: cells.text('gender'),
    ageBand: cells.text('age_band'),
    region: cells.text('region'),
    timezone: cells.text('timezone'),
    attributes: cells.json('attributes'),
  };
}

export const BEHAVIOUR_COLUMNS = [
  'event_id',
  'type',
  'user_id',
  'product_id',
  'shop_id',
  'occurred_at',
  'quantity',
  'price_minor',
  'currency',
  'rating',
  'query',
  'session_id',
] as const;

export function behaviourRow(cells: CellReader): RawBehaviour {
  return {
    eventId: cells.text('event_id'),
    type: cells.text('type'),
    userId: cells.text('user_id'),
    productId: cells.text('product_id'),
    shopId: cells.text('shop_id'),
    occurredAtMs: cells.time('occurred_at'),
    quantity: cells.number('quantity'),
    priceMinor: cells.number('price_minor'),
    currency: cells.text('currency'),
    rating: cells.number('rating'),
    query: cells.text('query'),
    sessionId: cells.text('session_id'),
  };
}
