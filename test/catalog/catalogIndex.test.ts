import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CatalogIndex, createCatalogIndex } from '../../src/catalog/catalogIndex.js';
import type { IntrinsicTag } from '../../src/catalog/intrinsicTags.js';
import { NONE } from '../../src/catalog/ordinals.js';
import type { Product } from '../../src/catalog/product.js';
import { categoryKeys, fieldOfTag } from '../../src/catalog/tagText.js';

const product = (productId: string, content: Partial<Product> = {}): Product => ({
  productId,
  title: '',
  categoryPath: [],
  attributes: {},
  inStock: true,
  bid: 0,
  ...content,
});
const tag = (name: string, weight = 0.5): IntrinsicTag => ({ tag: name, field: fieldOfTag(name), weight });
const idsIn = (index: CatalogIndex, ordinals: Int32Array) =>
  [...ordinals].map((ordinal) => index.products.idOf(ordinal)).sort();
const withTag = (index: CatalogIndex, name: string) =>
  idsIn(index, index.productsWithTag(index.tags.of(name)));

describe('CatalogIndex', () => {
  it('holds a product in columns by a dense ordinal', () => {
    const index = createCatalogIndex();
    const content = product('p1', {
      shopId: 's1',
      categoryPath: ['Women', 'Coats'],
      brand: 'ACME',
      priceMinor: 1_000,
      currency: 'CNY',
      inStock: false,
      createdAtMs: 5,
      bid: 0.5,
    });
    const ordinal = index.upsertProduct({ product: content, revision: 3 }, [tag('fabric:wool', 0.7)]);
    expect(ordinal).toBe(0);
    expect(index.products.of('p1')).toBe(0);
    expect(index.shops.idOf(index.shopAt(ordinal))).toBe('s1');
    expect(index.shopIdOf(ordinal)).toBe('s1');
    expect(index.leafCategoryOf(ordinal)).toBe('women/coats');
    expect(index.categories.idOf(index.leafCategoryAt(ordinal))).toBe('women/coats');
    expect(index.categories.idOf(index.parentCategoryOf(index.leafCategoryAt(ordinal)))).toBe('women');
    expect(index.brands.idOf(index.brandAt(ordinal))).toBe('acme');
    expect(index.priceMinorAt(ordinal)).toBe(1_000);
    expect(index.inStockAt(ordinal)).toBe(false);
    expect(index.createdAtMsAt(ordinal)).toBe(5);
    expect(index.bidAt(ordinal)).toBe(0.5);
    expect(index.revisionAt(ordinal)).toBe(3);
    expect(index.productAt(ordinal)).toEqual(content);
    expect([...index.tagsAt(ordinal).weights]).toEqual([0.7]);
    expect(index.tags.idOf(index.tagsAt(ordinal).tags[0] as number)).toBe('fabric:wool');
    expect(index.products.of('unknown')).toBe(NONE);
  });

  it('lets a product exist by its name alone, until its content comes', () => {
    const index = createCatalogIndex();
    const ordinal = index.ensureProduct('p1', 's1');
    expect(index.ensureProduct('p1')).toBe(ordinal);
    expect(index.revisionAt(ordinal)).toBe(0);
    expect(index.inStockAt(ordinal)).toBe(true);
    expect(index.tagsAt(ordinal).tags.length).toBe(0);
    expect(index.pricePercentileAt(ordinal)).toBeNaN();
    expect(index.leafCategoryAt(ordinal)).toBe(NONE);
    expect(index.productAt(ordinal)).toEqual(product('p1', { shopId: 's1' }));
    expect(idsIn(index, index.productsOfShop(index.shops.of('s1')))).toEqual(['p1']);
    expect(index.shopRecordAt(index.shops.of('s1'))).toEqual({ shopId: 's1', name: '' });

    index.upsertProduct({ product: product('p1', { title: 'coat' }), revision: 1 }, [tag('title:coat')]);
    expect(index.shopIdOf(ordinal)).toBe('s1');
    index.upsertProduct({ product: product('p1', { shopId: 's2' }), revision: 2 }, []);
    expect(index.shopIdOf(ordinal)).toBe('s2');
    expect(index.productsOfShop(index.shops.of('s1')).length).toBe(0);
    index.ensureProduct('p1', 's3');
    expect(index.shopIdOf(ordinal)).toBe('s2');
  });

  it('learns the shop from a behaviour when the content names none', () => {
    const index = createCatalogIndex();
    const ordinal = index.upsertProduct({ product: product('p1'), revision: 1 }, []);
    expect(index.shopIdOf(ordinal)).toBeUndefined();
    index.ensureProduct('p1', 's1');
    index.ensureProduct('p1', 's2');
    expect(index.shopIdOf(ordinal)).toBe('s1');
  });

  it('moves a product between the lists of the tags, categories and shops that it lost and gained', () => {
    const index = createCatalogIndex();
    const first = product('p1', { shopId: 's1', categoryPath: ['a', 'b'] });
    index.upsertProduct({ product: first, revision: 1 }, [tag('fabric:wool'), tag('title:coat')]);
    index.upsertProduct({ product: product('p2', { shopId: 's1' }), revision: 1 }, [tag('title:coat')]);
    expect(withTag(index, 'title:coat')).toEqual(['p1', 'p2']);
    const second = product('p1', { shopId: 's2', categoryPath: ['a', 'c'] });
    index.upsertProduct({ product: second, revision: 2 }, [tag('fabric:wool'), tag('title:cape')]);
    expect(withTag(index, 'title:coat')).toEqual(['p2']);
    expect(withTag(index, 'title:cape')).toEqual(['p1']);
    expect(withTag(index, 'fabric:wool')).toEqual(['p1']);
    expect(index.productsOfLeafCategory(index.categories.of('a/b')).length).toBe(0);
    expect(idsIn(index, index.productsOfLeafCategory(index.categories.of('a/c')))).toEqual(['p1']);
    expect(idsIn(index, index.productsOfShop(index.shops.of('s1')))).toEqual(['p2']);
    expect(index.documentFrequencyAt(index.tags.of('title:coat'))).toBe(1);
  });

  it('knows the tags of every revision, for behaviours that were logged against it', () => {
    const index = createCatalogIndex();
    const at = (revision: number, name: string) =>
      index.upsertProduct({ product: product('p1', { categoryPath: [name] }), revision }, [
        tag(`title:${name}`),
      ]);
    at(1, 'coat');
    at(2, 'cape');
    at(4, 'coat');
    at(3, 'shawl');
    const names = (revision: number) => index.tagsOf(0, revision)?.map((entry) => entry.tag);
    expect([0, 1, 2, 3, 4].map(names)).toEqual([
      [],
      ['title:coat'],
      ['title:cape'],
      ['title:shawl'],
      ['title:coat'],
    ]);
    expect(names(5)).toBeUndefined();
    expect(index.revisionAt(0)).toBe(4);
    expect(withTag(index, 'title:shawl')).toEqual([]);
    expect(index.productFacts('p1', 2)).toEqual({ tags: [tag('title:cape')], leafCategory: 'cape' });
    expect(index.productFacts('p1', 0)).toEqual({ tags: [], leafCategory: undefined });
    expect(index.productFacts('nobody', 1)).toEqual({ tags: [], leafCategory: undefined });
  });

  it('keeps the very same content when only price or stock changed', () => {
    const index = createCatalogIndex();
    for (let revision = 1; revision <= 5; revision++) {
      const content = product('p1', { priceMinor: revision * 100, currency: 'CNY' });
      index.upsertProduct({ product: content, revision }, [tag('title:coat')]);
    }
    expect(index.contentOf(0, 1)).toBe(index.tagsAt(0));
    expect(index.contentOf(0, 3)).toBe(index.tagsAt(0));
    expect(index.priceMinorAt(0)).toBe(500);
  });

  it('weighs rare tags more: idf is ln(1 + N/(1+df)), stubs not counted', () => {
    const index = createCatalogIndex();
    for (let i = 0; i < 9; i++) {
      index.upsertProduct(
        { product: product(`p${i}`), revision: 1 },
        i < 2 ? [tag('title:coat'), tag('title:wool')] : [tag('title:coat')],
      );
    }
    index.ensureProduct('stub');
    expect(index.idfOf('title:coat')).toBeCloseTo(Math.log(1 + 9 / 10), 12);
    expect(index.idfOf('title:wool')).toBeCloseTo(Math.log(1 + 9 / 3), 12);
    expect(index.idfOf('title:never')).toBeCloseTo(Math.log(1 + 9), 12);
    expect(index.idfAt(index.tags.of('title:wool'))).toBe(index.idfOf('title:wool'));
  });

  it('reads a price as its mid-rank percentile within leaf category and currency (R10)', () => {
    const index = createCatalogIndex();
    const add = (id: string, priceMinor: number, currency = 'CNY') =>
      index.upsertProduct(
        { product: product(id, { categoryPath: ['a', 'b'], priceMinor, currency }), revision: 1 },
        [],
      );
    const prices = [100, 200, 200, 400, 800];
    const ordinals = prices.map((price, i) => add(`p${i}`, price));
    for (let i = 0; i < 8; i++) add(`usd${i}`, 1 + i, 'USD');
    const read = () => ordinals.map((ordinal) => index.pricePercentileAt(ordinal));
    expect(read().map((value) => Math.round(value * 100) / 100)).toEqual([0.1, 0.4, 0.4, 0.7, 0.9]);
    expect(index.percentileOfPrice(0, 10_000)).toBe(1);
    expect(index.percentileOfPrice(0, 300)).toBeCloseTo(0.6, 9);
    expect(index.percentileOfPrice(0, 100, 'USD')).toBe(1);
    expect(index.percentileOfPrice(0, 100, 'EUR')).toBe(0.5);

    index.upsertProduct(
      {
        product: product('p0', { categoryPath: ['a', 'b'], priceMinor: 1_000, currency: 'CNY' }),
        revision: 2,
      },
      [],
    );
    expect(read().map((value) => Math.round(value * 100) / 100)).toEqual([0.9, 0.2, 0.2, 0.5, 0.7]);
  });

  it('lets a small category lean on its parent, and stand in the middle without one (R10)', () => {
    const index = createCatalogIndex();
    const add = (id: string, leaf: string, priceMinor: number) =>
      index.upsertProduct(
        { product: product(id, { categoryPath: ['a', leaf], priceMinor, currency: 'CNY' }), revision: 1 },
        [],
      );
    const lone = add('lone', 'small', 900);
    // One price: a fifth of the say each for the leaf (0.5) and the parent (0.5), the rest is the middle.
    expect(index.pricePercentileAt(lone)).toBeCloseTo(0.5, 6);
    for (let i = 0; i < 9; i++) add(`p${i}`, 'large', 100 + i);
    expect(index.pricePercentileAt(lone)).toBeCloseTo(0.2 * 0.5 + 0.8 * 0.95, 6);
    expect(
      index.pricePercentileAt(index.upsertProduct({ product: product('bare'), revision: 1 }, [])),
    ).toBeNaN();
  });

  it('answers after any sequence of upserts as a plain list of the latest products would', () => {
    const id = fc.constantFrom('p0', 'p1', 'p2', 'p3', 'p4', 'p5', 'p6');
    const change = fc.record({
      id,
      shopId: fc.constantFrom(undefined, 's0', 's1'),
      categoryPath: fc.constantFrom([], ['a'], ['a', 'b'], ['a', 'c'], ['d']),
      priceMinor: fc.option(fc.integer({ min: 1, max: 6 }), { nil: undefined }),
      currency: fc.constantFrom('CNY', 'USD'),
      tags: fc.subarray(['title:x', 'title:y', 'title:z', 'brand:b']),
      readPercentile: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 60 }), (changes) => {
        const index = createCatalogIndex();
        const latest = new Map<string, { product: Product; tags: string[] }>();
        const revisions = new Map<string, number>();
        for (const { id: productId, tags, readPercentile, ...content } of changes) {
          const revision = (revisions.get(productId) ?? 0) + 1;
          revisions.set(productId, revision);
          const value = product(productId, content);
          latest.set(productId, { product: value, tags });
          const ordinal = index.upsertProduct(
            { product: value, revision },
            tags.map((name) => tag(name)),
          );
          if (readPercentile) index.pricePercentileAt(ordinal);
        }
        const all = [...latest.values()];
        const idsWhere = (keep: (entry: (typeof all)[number]) => boolean) =>
          all
            .filter(keep)
            .map((entry) => entry.product.productId)
            .sort();
        for (const name of ['title:x', 'title:y', 'title:z', 'brand:b']) {
          expect(withTag(index, name)).toEqual(idsWhere((entry) => entry.tags.includes(name)));
        }
        for (const shop of ['s0', 's1']) {
          const listed = idsIn(index, index.productsOfShop(index.shops.of(shop)));
          expect(listed).toEqual(idsWhere((entry) => entry.product.shopId === shop));
        }
        for (const key of ['a', 'a/b', 'a/c', 'd']) {
          const listed = idsIn(index, index.productsOfLeafCategory(index.categories.of(key)));
          expect(listed).toEqual(
            idsWhere((entry) => (categoryKeys(entry.product.categoryPath).at(-1) ?? '') === key),
          );
        }
        const products = all.map((entry) => entry.product);
        for (const own of products) {
          const percentile = index.pricePercentileAt(index.products.of(own.productId));
          if (own.priceMinor === undefined) expect(percentile).toBeNaN();
          else expect(percentile).toBeCloseTo(plainPercentile(own, own.priceMinor, products), 5);
        }
      }),
      { numRuns: 200 },
    );
  });
});

/** The rule of `PriceIndex.percentileOf`, written the slow way. */
function plainPercentile(own: Product, price: number, all: readonly Product[]): number {
  let percentile = 0;
  let left = 1;
  for (let depth = own.categoryPath.length; depth >= 0 && left > 0; depth--) {
    if (depth === 0 && own.categoryPath.length > 0) break;
    const peers = all.filter(
      (other) =>
        other.priceMinor !== undefined &&
        other.currency === own.currency &&
        other.categoryPath.slice(0, depth).join('/') === own.categoryPath.slice(0, depth).join('/') &&
        (depth > 0 || other.categoryPath.length === 0),
    );
    const below = peers.filter((other) => (other.priceMinor as number) < price).length;
    const equal = peers.filter((other) => other.priceMinor === price).length;
    const say = left * Math.min(1, peers.length / 5);
    percentile += (say * (below + equal / 2)) / peers.length;
    left -= say;
  }
  return percentile + left * 0.5;
}
