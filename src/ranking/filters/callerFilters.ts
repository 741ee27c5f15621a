import type { Query } from '../query.js';
import type { Filter } from './filter.js';

/** What the caller asked to leave out. */
export const excluded: Filter = {
  name: 'excluded',
  keeps(query, ordinal) {
    const productId = query.state.catalog.products.idOf(ordinal);
    return productId !== query.request.contextProductId && !query.excludedIds.has(productId);
  },
};

/** Only the shops, category and prices that the caller asked for. */
export const outsideRequest: Filter = {
  name: 'outside_request',
  keeps: (query, ordinal) =>
    inShops(query, ordinal) && inCategory(query, ordinal) && inPriceRange(query, ordinal),
};

function inShops(query: Query, ordinal: number): boolean {
  if (query.request.shopIds.length === 0) return true;
  const shopId = query.state.catalog.shopIdOf(ordinal);
  return shopId !== undefined && query.request.shopIds.includes(shopId);
}

function inCategory(query: Query, ordinal: number): boolean {
  const prefix = query.request.categoryPrefix;
  if (prefix === '') return true;
  const path = query.state.catalog.productAt(ordinal).categoryPath.join('/');
  return path === prefix || path.startsWith(`${prefix}/`);
}

function inPriceRange(query: Query, ordinal: number): boolean {
  const { minPriceMinor, maxPriceMinor } = query.request;
  if (minPriceMinor === undefined && maxPriceMinor === undefined) return true;
  const price = query.state.catalog.priceMinorAt(ordinal);
  return price >= (minPriceMinor ?? 0) && price <= (maxPriceMinor ?? Number.POSITIVE_INFINITY);
}
