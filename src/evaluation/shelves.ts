import { headOf } from './exposure.js';
import type { EvaluationSplit } from './split.js';
import { isPositive } from './targets.js';

/** What can be shown, and the part of it that holds most of the behaviours before the split. */
export interface Shelf {
  readonly available: ReadonlySet<string>;
  readonly head: ReadonlySet<string>;
}

/** Products and shops of a catalogue, each with its head by positive behaviours before the split. */
export function shelvesOf(split: Pick<EvaluationSplit, 'before' | 'catalogue'>): {
  products: Shelf;
  shops: Shelf;
} {
  const products = new Map<string, number>();
  const shops = new Map<string, number>();
  for (const { type, productId } of split.before) {
    if (productId === undefined || !isPositive(type)) continue;
    products.set(productId, (products.get(productId) ?? 0) + 1);
    const shopId = split.catalogue.get(productId);
    if (shopId !== undefined) shops.set(shopId, (shops.get(shopId) ?? 0) + 1);
  }
  const shopIds = [...split.catalogue.values()].filter((shopId) => shopId !== undefined);
  return {
    products: { available: new Set(split.catalogue.keys()), head: headOf(products) },
    shops: { available: new Set(shopIds), head: headOf(shops) },
  };
}
