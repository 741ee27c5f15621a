import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CatalogStore } from '../../src/catalog/catalogStore.js';
import type { Product, ProductRevision } from '../../src/catalog/product.js';
import { aProduct, aShop } from '../support/builders.js';

/** What every `CatalogStore` promises. `makeStore` answers an empty one each time. */
export function catalogStoreConformance(name: string, makeStore: () => Promise<CatalogStore>): void {
  describe(`the catalogue store on ${name}`, () => {
    it('starts empty', async () => {
      const store = await makeStore();
      await store.upsertShops([]);
      expect(await store.upsertProducts([])).toEqual([]);
      expect(await store.getShop('shop-1')).toBeUndefined();
      expect(await store.getProduct('product-1')).toBeUndefined();
      expect(await store.counts()).toEqual({ shops: 0, products: 0 });
      expect(await collect(store.allShops())).toEqual([]);
      expect(await collect(store.allProductRevisions())).toEqual([]);
    });

    it('gives back shops, replaced as a whole, the later of two in a call', async () => {
      const store = await makeStore();
      const full = aShop({ category: '母婴', region: 'east', createdAtMs: 1_700_000_000_000 });
      await store.upsertShops([aShop({ name: 'earlier' }), full, aShop({ shopId: 'bare', name: '' })]);
      expect(await store.getShop('shop-1')).toStrictEqual(full);
      expect(await store.getShop('bare')).toStrictEqual(aShop({ shopId: 'bare', name: '' }));
      await store.upsertShops([aShop()]);
      expect(await store.getShop('shop-1')).toStrictEqual(aShop());
      expect((await store.counts()).shops).toBe(2);
    });

    it('gives back every field of any product, and leaves absent ones absent', async () => {
      const store = await makeStore();
      await fc.assert(
        fc.asyncProperty(anyProduct(), async (product) => {
          const [written] = await store.upsertProducts([product]);
          expect(written?.product).toStrictEqual(product);
          expect(await store.getProduct(product.productId)).toStrictEqual(written);
        }),
        { numRuns: 60 },
      );
    });

    it('counts revisions up from 1 with every change, and keeps each of them', async () => {
      const store = await makeStore();
      const contents = [
        aProduct(),
        aProduct({ priceMinor: 8_800 }),
        aProduct({ priceMinor: undefined }),
        aProduct({ attributes: { fabric: 'linen' } }),
        aProduct({ attributes: { fabric: 'linen' }, categoryPath: ['shirts', 'clothing'] }),
        aProduct(),
      ];
      const answers: (ProductRevision | undefined)[] = [];
      for (const product of contents) answers.push((await store.upsertProducts([product]))[0]);
      expect(answers.map((answer) => answer?.revision)).toEqual([1, 2, 3, 4, 5, 6]);
      const kept = await collect(store.allProductRevisions());
      expect(kept).toEqual(contents.map((product, index) => ({ product, revision: index + 1 })));
      expect(await store.getProduct('product-1')).toEqual({ product: aProduct(), revision: 6 });
      expect((await store.counts()).products).toBe(1);
    });

    it('keeps the revision of equal content, whatever the order of its attributes', async () => {
      const store = await makeStore();
      await store.upsertProducts([aProduct({ attributes: { a: '1', b: '2' } })]);
      const again = await store.upsertProducts([aProduct({ attributes: { b: '2', a: '1' } })]);
      expect(again.map(({ revision }) => revision)).toEqual([1]);
      expect(await collect(store.allProductRevisions())).toHaveLength(1);
    });

    it('keeps the later of the same product twice in a call, and answers in the order given', async () => {
      const store = await makeStore();
      await store.upsertProducts([aProduct({ productId: 'b', title: 'old' })]);
      const answers = await store.upsertProducts([
        aProduct({ productId: 'b', title: 'first' }),
        aProduct({ productId: 'a' }),
        aProduct({ productId: 'b', title: 'later' }),
      ]);
      expect(answers.map(({ product, revision }) => [product.productId, product.title, revision])).toEqual([
        ['b', 'later', 2],
        ['a', 'Linen shirt', 1],
        ['b', 'later', 2],
      ]);
      expect((await store.getProduct('b'))?.product.title).toBe('later');
    });

    it('lists all shops and all revisions by id, in pages, each once', async () => {
      const store = await makeStore();
      const ids = Array.from({ length: 1_300 }, (_, index) => `p${(index * 7_919) % 1_300}`);
      await store.upsertShops(ids.map((shopId) => aShop({ shopId })));
      await store.upsertProducts(ids.map((productId) => aProduct({ productId })));
      await store.upsertProducts(ids.map((productId) => aProduct({ productId, inStock: false })));
      expect((await collect(store.allShops())).map(({ shopId }) => shopId)).toEqual([...ids].sort());
      const listed = (await collect(store.allProductRevisions())).map(
        ({ product, revision }) => `${product.productId}@${revision}`,
      );
      expect(listed).toEqual([...ids].sort().flatMap((id) => [`${id}@1`, `${id}@2`]));
      expect(await store.counts()).toEqual({ shops: 1_300, products: 1_300 });
    });

    it('writes all of a call or nothing of it', async () => {
      const store = await makeStore();
      const bad = aProduct({ productId: 'bad', attributes: { a: '\u0000' } });
      await expect(store.upsertProducts([aProduct({ productId: 'good' }), bad])).rejects.toThrow();
      await expect(store.upsertShops([aShop(), aShop({ shopId: 'bad', name: '\u0000' })])).rejects.toThrow();
      expect(await store.counts()).toEqual({ shops: 0, products: 0 });
    });

    it('gives concurrent changes of one product a revision each', async () => {
      const store = await makeStore();
      const answers = await Promise.all(
        Array.from({ length: 12 }, (_, index) =>
          store.upsertProducts([aProduct({ title: `title ${index}` })]),
        ),
      );
      const revisions = answers.flat().map(({ revision }) => revision);
      expect(revisions.sort((a, b) => a - b)).toEqual(Array.from({ length: 12 }, (_, index) => index + 1));
      expect(await collect(store.allProductRevisions())).toHaveLength(12);
    });

    it('is not brought down by text that UTF-8 cannot hold', async () => {
      const store = await makeStore();
      await store.upsertProducts([
        aProduct({ title: 'a\ud800', attributes: { 'k\udc00': 'v\ud800' }, categoryPath: ['\ud800'] }),
      ]);
      const kept = (await store.getProduct('product-1'))?.product;
      expect(kept).toMatchObject({
        title: 'a\ufffd',
        attributes: { 'k\ufffd': 'v\ufffd' },
        categoryPath: ['\ufffd'],
      });
    });

    it('tells every change once in rising seq: all revisions, and shops as they are now', async () => {
      const store = await makeStore();
      expect(await store.changes({ afterSeq: 0, limit: 10 })).toEqual([]);
      expect(await store.lastChangeSeq()).toBe(0);
      await store.upsertShops([aShop(), aShop({ shopId: 'shop-2' })]);
      await store.upsertProducts([aProduct()]);
      await store.upsertProducts([aProduct({ priceMinor: 1 })]);
      await store.upsertShops([aShop({ name: 'renamed' })]);
      const all = await store.changes({ afterSeq: 0, limit: 10 });
      expect(all.map(({ seq: _seq, ...change }) => change)).toEqual([
        { kind: 'shop', shop: aShop({ shopId: 'shop-2' }) },
        { kind: 'product', revision: { product: aProduct(), revision: 1 } },
        { kind: 'product', revision: { product: aProduct({ priceMinor: 1 }), revision: 2 } },
        { kind: 'shop', shop: aShop({ name: 'renamed' }) },
      ]);
      expect(all.map(({ seq }) => seq)).toEqual(all.map(({ seq }) => seq).sort((a, b) => a - b));
      expect(await store.lastChangeSeq()).toBe(all.at(-1)!.seq);
      expect(await store.changes({ afterSeq: all[1]!.seq, limit: 1 })).toEqual([all[2]]);
    });

    it('has no change to tell of content that was written again', async () => {
      const store = await makeStore();
      await store.upsertShops([aShop()]);
      await store.upsertProducts([aProduct()]);
      const last = await store.lastChangeSeq();
      await store.upsertShops([aShop()]);
      await store.upsertProducts([aProduct()]);
      expect(await store.lastChangeSeq()).toBe(last);
      expect(await store.changes({ afterSeq: last, limit: 10 })).toEqual([]);
    });

    it('lets a follower that reads pages while others write end up with all of it', async () => {
      const store = await makeStore();
      let writing = true;
      const writer = async (name: string): Promise<void> => {
        for (let round = 0; round < 12; round += 1) {
          await store.upsertShops([aShop({ shopId: `${name}-shop`, name: `${round}` })]);
          await store.upsertProducts(
            [1, 2, 3].map((n) => aProduct({ productId: `${name}-${n}`, priceMinor: round })),
          );
        }
      };
      const seen: string[] = [];
      const shops = new Map<string, string>();
      const follow = async (): Promise<void> => {
        for (let afterSeq = 0; ; ) {
          const wasWriting = writing;
          const page = await store.changes({ afterSeq, limit: 5 });
          for (const change of page) {
            expect(change.seq).toBeGreaterThan(afterSeq);
            afterSeq = change.seq;
            if (change.kind === 'shop') shops.set(change.shop.shopId, change.shop.name);
            else seen.push(`${change.revision.product.productId}@${change.revision.revision}`);
          }
          if (page.length === 0 && !wasWriting) return;
        }
      };
      const following = follow();
      await Promise.all(['a', 'b', 'c'].map(writer));
      writing = false;
      await following;
      const expected = ['a', 'b', 'c'].flatMap((name) =>
        [1, 2, 3].flatMap((n) => Array.from({ length: 12 }, (_, round) => `${name}-${n}@${round + 1}`)),
      );
      expect(seen.sort()).toEqual(expected.sort());
      expect([...shops.values()]).toEqual(['11', '11', '11']);
    });
  });
}

async function collect<Item>(pages: AsyncIterable<Item[]>): Promise<Item[]> {
  const items: Item[] = [];
  for await (const page of pages) {
    if (page.length === 0) throw new Error('an empty page');
    items.push(...page);
  }
  return items;
}

function anyProduct(): fc.Arbitrary<Product> {
  const text = fc.string({ unit: 'grapheme', maxLength: 20 }).map((value) => value.replaceAll('\u0000', ''));
  const id = text.map((value) => `id ${value}`);
  return fc.record(
    {
      productId: id,
      shopId: id,
      title: text,
      categoryPath: fc.array(text, { maxLength: 4 }),
      brand: text,
      attributes: fc.dictionary(text, text, { maxKeys: 4, noNullPrototype: true }),
      priceMinor: fc.maxSafeNat(),
      currency: fc.constant('CNY'),
      inStock: fc.boolean(),
      createdAtMs: fc.maxSafeNat(),
      bid: fc.double({ min: 0, max: 1, noNaN: true }).map((value) => value + 0),
    },
    {
      requiredKeys: ['productId', 'title', 'categoryPath', 'attributes', 'inStock', 'bid'],
      noNullPrototype: true,
    },
  );
}
