import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { IntrinsicTag } from '../../src/catalog/intrinsicTags.js';
import { SHELF_WEIGHT, type SoldProduct, shopTags } from '../../src/catalog/shopTags.js';
import { fieldOfTag } from '../../src/catalog/tagText.js';

const tag = (name: string, weight = 1): IntrinsicTag => ({ tag: name, field: fieldOfTag(name), weight });

describe('shopTags', () => {
  it("takes a shop's tags from its products, by what they sell (T2)", () => {
    const tags = shopTags([
      { tags: [tag('category:coats'), tag('fabric:wool', 0.7)], sales: 12 },
      { tags: [tag('category:scarves'), tag('fabric:wool', 0.7)], sales: 0 },
    ]);
    expect(tags).toEqual([
      { tag: 'category:coats', field: 'category', shareRatio: 0.8, weight: 0.8, count: 1 },
      { tag: 'fabric:wool', field: 'attribute', shareRatio: 1, weight: expect.closeTo(0.7, 12), count: 2 },
      { tag: 'category:scarves', field: 'category', shareRatio: 0.2, weight: 0.2, count: 1 },
    ]);
    expect(SHELF_WEIGHT).toBe(4);
  });

  it('has nothing to say of a shop without tags, and leaves products without tags out (T2)', () => {
    expect(shopTags([])).toEqual([]);
    expect(shopTags([{ tags: [], sales: 100 }])).toEqual([]);
    const [only] = shopTags([
      { tags: [], sales: 100 },
      { tags: [tag('brand:acme', 0.6)], sales: 1 },
    ]);
    expect(only).toMatchObject({ shareRatio: 1, weight: 0.6, count: 1 });
  });

  it('gives shares in (0, 1] whatever the order, and selling more of a product never lowers its tags (T2)', () => {
    const names = fc.constantFrom('category:a', 'category:b', 'brand:x', 'fabric:wool', 'title:coat');
    const sold = fc.record({
      tags: fc.uniqueArray(names).map((list) => list.map((name) => tag(name, 0.5))),
      sales: fc.double({ min: 0, max: 1e6, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(sold, { minLength: 1 }), (products: SoldProduct[]) => {
        const tags = shopTags(products);
        for (const { shareRatio, weight, count } of tags) {
          expect(shareRatio > 0 && shareRatio <= 1 && weight > 0 && weight <= 0.5 + 1e-9 && count > 0).toBe(
            true,
          );
        }
        const turned = new Map(
          shopTags([...products].reverse()).map((entry) => [entry.tag, entry.shareRatio]),
        );
        for (const entry of tags) expect(turned.get(entry.tag)).toBeCloseTo(entry.shareRatio, 9);
        const [first, ...others] = products as [SoldProduct, ...SoldProduct[]];
        const more = new Map(
          shopTags([{ ...first, sales: first.sales + 10 }, ...others]).map((entry) => [
            entry.tag,
            entry.shareRatio,
          ]),
        );
        for (const { tag: name, shareRatio } of tags.filter((entry) =>
          first.tags.some((own) => own.tag === entry.tag),
        )) {
          expect(more.get(name)).toBeGreaterThanOrEqual(shareRatio - 1e-9);
        }
      }),
    );
  });
});
