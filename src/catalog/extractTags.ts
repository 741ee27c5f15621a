import type { IntrinsicTag } from './intrinsicTags.js';
import type { Product } from './product.js';
import { categoryKeys, normaliseTagText } from './tagText.js';
import type { TitleSegmenter } from './titleSegmenter.js';

/**
 * How much each part of a product says of it, before inverse document frequency (T1). Proposals,
 * by how sure the part is: sellers choose the leaf category with care, attributes from lists,
 * and write titles freely.
 */
export const LEAF_CATEGORY_WEIGHT = 1;
/** Each wider level weighs this much of the one beneath it. */
export const WIDER_LEVEL_FACTOR = 0.6;
export const ATTRIBUTE_WEIGHT = 0.7;
export const BRAND_WEIGHT = 0.6;
export const TITLE_WEIGHT = 0.4;

/** Tags of one product at most; the heaviest stay. */
export const MAX_TAGS = 32;
/** Title keywords at most: what stands first says most. */
export const MAX_TITLE_TAGS = 16;
/** Values that one attribute may list. */
const MAX_VALUES = 4;

/** Names of attributes that would be mistaken for other fields' tags. */
const RESERVED_NAMES = new Set(['category', 'title', 'audience']);

/** What sellers write where there is nothing to say. */
const NO_VALUES = new Set(
  'unknown,none,n/a,na,null,nil,other,others,not specified,unspecified,unbranded,no brand,generic,-,--,.,?,无,其他,其它,未知,不详,无品牌,暂无'.split(
    ',',
  ),
);

/**
 * The tags that a product carries by what it is (T1): every level of its category path, its brand,
 * its attributes and the keywords of its title. Heaviest first, at most `MAX_TAGS`, each once.
 */
export function extractTags(product: Product, segmenter: TitleSegmenter): IntrinsicTag[] {
  const tags = [
    ...categoryTags(product.categoryPath),
    ...attributeTags(product.attributes),
    ...brandTags(product.brand),
    ...titleTags(product, segmenter),
  ];
  const byName = new Map<string, IntrinsicTag>();
  for (const tag of tags) if (!byName.has(tag.tag)) byName.set(tag.tag, tag);
  return [...byName.values()].sort((a, b) => b.weight - a.weight).slice(0, MAX_TAGS);
}

/** The tags of a search or question: its words, as if they were a title's. */
export function extractQueryTags(query: string, segmenter: TitleSegmenter): IntrinsicTag[] {
  return segmenter
    .keywords(query)
    .slice(0, MAX_TITLE_TAGS)
    .map((word) => ({ tag: `title:${word}`, field: 'title', weight: TITLE_WEIGHT }));
}

function categoryTags(path: readonly string[]): IntrinsicTag[] {
  const keys = categoryKeys(path);
  return keys.map((key, level) => ({
    tag: `category:${key}`,
    field: 'category',
    weight: LEAF_CATEGORY_WEIGHT * WIDER_LEVEL_FACTOR ** (keys.length - 1 - level),
  }));
}

function brandTags(brand: string | undefined): IntrinsicTag[] {
  const name = normaliseTagText(brand ?? '');
  return isTelling(name) ? [{ tag: `brand:${name}`, field: 'brand', weight: BRAND_WEIGHT }] : [];
}

/** In order of names, so that equal attributes give equal tags however they were written down. */
function attributeTags(attributes: Readonly<Record<string, string>>): IntrinsicTag[] {
  return Object.entries(attributes)
    .map(([name, value]) => ({ name: attributeName(name), value }))
    .filter(({ name }) => name !== '')
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap(({ name, value }) =>
      attributeValues(value).map((one): IntrinsicTag => {
        const field = name === 'brand' ? 'brand' : 'attribute';
        const weight = field === 'brand' ? BRAND_WEIGHT : ATTRIBUTE_WEIGHT;
        return { tag: `${name}:${one}`, field, weight };
      }),
    );
}

function attributeName(raw: string): string {
  const name = normaliseTagText(raw).replaceAll(':', '_');
  return RESERVED_NAMES.has(name) ? `attribute_${name}` : name;
}

/** `Cotton; Linen` is two values; a comma between digits belongs to the number. */
function attributeValues(raw: string): string[] {
  const values = normaliseTagText(raw)
    .split(/[;|、]|,(?!\d)/u)
    .map((value) => value.trim())
    .filter(isTelling);
  return [...new Set(values)].slice(0, MAX_VALUES).map(inBucket);
}

/** Months, dates, barcodes and article numbers: they tell products apart, but say nothing of taste. */
const DATE_OR_CODE = /^(\d{5,}|\d{4}[-/.年]\d{1,2}([-/.月]\d{0,2}日?)?)$/u;

function isTelling(value: string): boolean {
  return value !== '' && !NO_VALUES.has(value) && !DATE_OR_CODE.test(value);
}

/**
 * Measures above 10 fall into buckets of the series 1, 2, 5, 10…, so that a length of 110 and one
 * of 130 share a tag (`100-200`). Small counts stay themselves, and so do numbers of four digits,
 * which are mostly years.
 */
function inBucket(value: string): string {
  if (!/^\d{1,3}(\.\d+)?$/u.test(value)) return value;
  const number = Number(value);
  if (number <= 10) return String(number);
  const scale = 10 ** Math.floor(Math.log10(number));
  const low = (number >= 5 * scale ? 5 : number >= 2 * scale ? 2 : 1) * scale;
  return `${low}-${low === 2 * scale ? 5 * scale : 2 * low}`;
}

/** Without the brand's own name, which has its tag already. */
function titleTags(product: Product, segmenter: TitleSegmenter): IntrinsicTag[] {
  const brand = normaliseTagText(product.brand ?? '');
  return segmenter
    .keywords(product.title)
    .filter((word) => word !== brand)
    .slice(0, MAX_TITLE_TAGS)
    .map((word) => ({ tag: `title:${word}`, field: 'title', weight: TITLE_WEIGHT }));
}
