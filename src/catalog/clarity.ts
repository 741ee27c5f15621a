import type { TagField } from '../core/vocabulary.js';
import { ATTRIBUTE_WEIGHT, BRAND_WEIGHT, LEAF_CATEGORY_WEIGHT } from './extractTags.js';
import { fieldOfTag } from './tagText.js';

/** How much agreement in each field counts. Titles differ by nature: they say nothing of clarity. */
const FIELD_WEIGHTS: readonly (readonly [TagField, number])[] = [
  ['category', LEAF_CATEGORY_WEIGHT],
  ['attribute', ATTRIBUTE_WEIGHT],
  ['brand', BRAND_WEIGHT],
];

/**
 * As many equally common values are a blur (clarity 0); each halving of their number is a quarter
 * clearer, down to one (clarity 1). Fixed, and not the number of values seen: a rare new value
 * must never make a shop look clearer.
 */
const BLURRED_AT_VALUES = 16;

/** Beneath this a share is what rounding left of a difference. */
const DUST = 1e-9;

/**
 * Clarity (T2): one minus the normalised entropy of the tags, 0 (blurred) to 1 (clear), over the
 * leaf categories, the brands and the values of each attribute. A field counts by its weight and
 * by how much of the whole carries it, an attribute within its field likewise. 1 for a single tag,
 * 0 when no tag is of these fields.
 *
 * `shares` gives how much of the whole carries each tag: a shop's `shareRatio`, or the weights of
 * a person's vector. What is not above 0 is left out; only ratios matter.
 */
export function clarity(shares: Iterable<readonly [tag: string, share: number]>): number {
  const positive = new Map([...shares].filter(([, share]) => share > 0));
  let clear = 0;
  let total = 0;
  for (const [field, fieldWeight] of FIELD_WEIGHTS) {
    const dimensions = dimensionsOf(field, positive);
    const carried = dimensions.map(sumOf);
    const agreement = sumOf(dimensions.map((values, i) => (carried[i] as number) * agreementOf(values)));
    const allCarried = sumOf(carried);
    if (allCarried === 0) continue;
    const weight = fieldWeight * Math.max(...carried);
    clear += (weight * agreement) / allCarried;
    total += weight;
  }
  return total === 0 ? 0 : Math.min(1, clear / total);
}

/** The shares of each group of values that exclude each other: all leaf categories, one attribute's values. */
function dimensionsOf(field: TagField, shares: ReadonlyMap<string, number>): number[][] {
  const dimensions = new Map<string, number[]>();
  for (const [tag, share] of field === 'category' ? leafShares(shares) : shares) {
    if (fieldOfTag(tag) !== field || share <= DUST) continue;
    const name = tag.slice(0, tag.indexOf(':'));
    const values = dimensions.get(name) ?? [];
    values.push(share);
    dimensions.set(name, values);
  }
  return [...dimensions.values()];
}

/** What each category holds beside its narrower categories: the whole of it for a leaf. */
function leafShares(shares: ReadonlyMap<string, number>): Map<string, number> {
  const own = new Map(shares);
  for (const [tag, share] of shares) {
    const parent = tag.slice(0, tag.lastIndexOf('/'));
    const ofParent = tag.includes('/') ? own.get(parent) : undefined;
    if (ofParent !== undefined) own.set(parent, ofParent - share);
  }
  return own;
}

/** One minus entropy over `ln BLURRED_AT_VALUES`, never below 0. */
function agreementOf(values: readonly number[]): number {
  const total = sumOf(values);
  let entropy = 0;
  for (const value of values) {
    const share = value / total;
    if (share > 0) entropy -= share * Math.log(share);
  }
  return Math.max(0, 1 - entropy / Math.log(BLURRED_AT_VALUES));
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
