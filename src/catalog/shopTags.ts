import type { TagField } from '../core/vocabulary.js';
import { ATTRIBUTE_WEIGHT, BRAND_WEIGHT, LEAF_CATEGORY_WEIGHT, TITLE_WEIGHT } from './extractTags.js';
import type { IntrinsicTag } from './intrinsicTags.js';

/** One product of a shop, as far as the shop's tags are concerned. */
export interface SoldProduct {
  readonly tags: readonly IntrinsicTag[];
  /** Fading weight of its sales, at least 0. */
  readonly sales: number;
}

/** One tag of a shop (T2). */
export interface ShopTag {
  readonly tag: string;
  readonly field: TagField;
  /** Part of the shop's assortment that carries the tag, by sales, in (0, 1]. */
  readonly shareRatio: number;
  /** Mean weight of the tag over the assortment, by sales, in (0, 1]: `shareRatio` times the field's weight. */
  readonly weight: number;
  /** How many products carry it. */
  readonly count: number;
}

/**
 * What every product counts beside its sales (a purchase is 8): a new shop's tags are the plain
 * mean of its products, and a few sales do not silence the shelf.
 */
export const SHELF_WEIGHT = 4;

const FIELD_WEIGHTS: Readonly<Record<TagField, number>> = {
  category: LEAF_CATEGORY_WEIGHT,
  attribute: ATTRIBUTE_WEIGHT,
  brand: BRAND_WEIGHT,
  title: TITLE_WEIGHT,
};

/** What a tag of a field weighs where every product carries it. */
export function fieldWeightOf(field: TagField): number {
  return FIELD_WEIGHTS[field];
}

/** What a product counts in the assortment. */
function countOf({ sales }: SoldProduct): number {
  return SHELF_WEIGHT + Math.max(0, sales);
}

/** What one product adds to a tag of its shop. */
export interface ProductInTag<Product extends SoldProduct> {
  readonly product: Product;
  /** Its part of the assortment, in (0, 1]. */
  readonly assortmentRatio: number;
  /** Its part of the tag's weight: those of all products add up to it. */
  readonly weight: number;
}

/** The products that make a tag of `shopTags`. */
export function productsInTag<Product extends SoldProduct>(
  products: readonly Product[],
  name: string,
): ProductInTag<Product>[] {
  const told = products.filter(({ tags }) => tags.length > 0);
  const assortment = told.reduce((sum, product) => sum + countOf(product), 0);
  return told.flatMap((product) => {
    const own = product.tags.find(({ tag }) => tag === name);
    if (own === undefined) return [];
    const assortmentRatio = countOf(product) / assortment;
    return { product, assortmentRatio, weight: assortmentRatio * own.weight };
  });
}

/**
 * What a shop is, by what it sells (T2): the sales-weighted mean of its products' tags. Products
 * without tags say nothing. Heaviest first, ties by name.
 */
export function shopTags(products: readonly SoldProduct[]): ShopTag[] {
  let assortment = 0;
  const sums = new Map<string, { field: TagField; share: number; weight: number; count: number }>();
  for (const product of products) {
    const { tags } = product;
    if (tags.length === 0) continue;
    const counts = countOf(product);
    assortment += counts;
    for (const { tag, field, weight } of tags) {
      const sum = sums.get(tag) ?? { field, share: 0, weight: 0, count: 0 };
      sum.share += counts;
      sum.weight += counts * weight;
      sum.count += 1;
      sums.set(tag, sum);
    }
  }
  return [...sums]
    .map(([tag, { field, share, weight, count }]) => ({
      tag,
      field,
      shareRatio: Math.min(1, share / assortment),
      weight: weight / assortment,
      count,
    }))
    .sort((a, b) => b.weight - a.weight || (a.tag < b.tag ? -1 : 1));
}
