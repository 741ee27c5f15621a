import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clarity } from '../../src/catalog/clarity.js';
import { extractTags } from '../../src/catalog/extractTags.js';
import { shopTags } from '../../src/catalog/shopTags.js';

const even = (prefix: string, count: number): [string, number][] =>
  Array.from({ length: count }, (_, i) => [`${prefix}${i}`, 1 / count]);

/** Clarity of a shop of these products, from their tags up. */
function clarityOfShop(
  products: { categoryPath: string[]; brand?: string; attributes?: Record<string, string> }[],
) {
  const segmenter = { keywords: (text: string) => text.split(' ').filter((word) => word !== '') };
  const sold = products.map((content, i) => ({
    tags: extractTags(
      { productId: `p${i}`, title: `word${i}`, attributes: {}, inStock: true, bid: 0, ...content },
      segmenter,
    ),
    sales: 0,
  }));
  return clarity(shopTags(sold).map(({ tag, shareRatio }) => [tag, shareRatio]));
}

describe('clarity', () => {
  it('is 1 for a shop with one tag and 0 for a shop without any (T2)', () => {
    expect(clarity([['category:coats', 1]])).toBe(1);
    expect(clarity([['fabric:wool', 0.3]])).toBe(1);
    expect(clarity([])).toBe(0);
    expect(clarity([['title:coat', 1]])).toBe(0);
  });

  it('is clear for a shop whose products agree, and blurred for one that sells everything (T2)', () => {
    const coat = { categoryPath: ['women', 'coats'], brand: 'acme', attributes: { fabric: 'wool' } };
    expect(clarityOfShop([coat, coat, coat])).toBeCloseTo(1, 9);
    const everything = Array.from({ length: 40 }, (_, i) => ({
      categoryPath: ['all', `leaf${i}`],
      brand: `brand${i}`,
      attributes: { fabric: `fabric${i}` },
    }));
    expect(clarityOfShop(everything)).toBe(0);
    const twoLines = [coat, { ...coat, categoryPath: ['women', 'scarves'] }];
    expect(clarityOfShop(twoLines)).toBeGreaterThan(0.8);
    expect(clarityOfShop(twoLines)).toBeLessThan(1);
  });

  it('loses a quarter with each doubling of equally common values (T2)', () => {
    expect(
      [1, 2, 4, 8, 16, 100].map((count) => Math.round(clarity(even('category:', count)) * 100) / 100),
    ).toEqual([1, 0.75, 0.5, 0.25, 0, 0]);
  });

  it('looks at leaf categories: sharing the widest level makes no shop clear (T2)', () => {
    const leaves: [string, number][] = even('category:all/', 20);
    expect(clarity([['category:all', 1], ...leaves])).toBeCloseTo(0, 9);
  });

  it('lets an attribute count by how many products carry it (T2)', () => {
    const rare = even('colour:', 16).map(([tag, share]): [string, number] => [tag, share * 0.05]);
    const common = even('colour:', 16);
    const category: [string, number] = ['category:coats', 1];
    expect(clarity([category, ...rare])).toBeGreaterThan(0.95);
    expect(clarity([category, ...common])).toBeCloseTo(1 / 1.7, 9);
  });

  it('stays in 0–1, ignores order and scale, and never rises when one value splits in two (T2)', () => {
    const names = fc.constantFrom(
      'category:a',
      'category:a/b',
      'category:a/c',
      'category:d',
      'brand:x',
      'brand:y',
      'fabric:wool',
      'fabric:silk',
      'style:plain',
      'title:coat',
    );
    const shares = fc.uniqueArray(fc.tuple(names, fc.double({ min: 0.001, max: 1, noNaN: true })), {
      selector: ([name]) => name,
    });
    fc.assert(
      fc.property(shares, fc.double({ min: 0.1, max: 10, noNaN: true }), (entries, scale) => {
        const value = clarity(entries);
        expect(value).toBeGreaterThanOrEqual(0);
        expect(value).toBeLessThanOrEqual(1);
        expect(clarity([...entries].reverse())).toBeCloseTo(value, 9);
        expect(clarity(entries.map(([name, share]): [string, number] => [name, share * scale]))).toBeCloseTo(
          value,
          6,
        );
        const split = entries.flatMap(([name, share]): [string, number][] =>
          name === 'fabric:wool'
            ? [
                [name, share * 0.9],
                ['fabric:new', share * 0.1],
              ]
            : [[name, share]],
        );
        expect(clarity(split)).toBeLessThanOrEqual(value + 1e-9);
      }),
      { numRuns: 500 },
    );
  });
});
