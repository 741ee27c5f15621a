import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createCatalogIndex } from '../../src/catalog/catalogIndex.js';
import type { Query } from '../../src/ranking/query.js';
import { selectSpread, spreadFactor } from '../../src/ranking/selectors/spreadSelector.js';
import { aProduct } from '../support/builders.js';

const SPREAD = { free: 3, floor: 0.25, base: 0.5, most: Number.POSITIVE_INFINITY };

/** Products of a shop and category each, with the selector's view of them. */
function someCandidates(kinds: readonly { readonly shop: number; readonly category: number }[]) {
  const catalog = createCatalogIndex();
  const ordinals = kinds.map(({ shop, category }, i) =>
    catalog.upsertProduct(
      {
        product: aProduct({ productId: `p${i}`, shopId: `s${shop}`, categoryPath: [`c${category}`] }),
        revision: 1,
      },
      [],
    ),
  );
  // The selector reads nothing else of a query.
  const query = { state: { catalog } } as unknown as Query;
  return { query, candidates: { ordinals, sourceBits: ordinals.map(() => 1) } };
}

function select(
  kinds: readonly { readonly shop: number; readonly category: number }[],
  scores: readonly number[],
  count: number,
) {
  const { query, candidates } = someCandidates(kinds);
  return selectSpread(query, {
    candidates,
    scores: Float64Array.from(scores),
    count,
    shopSpread: SPREAD,
    categorySpread: SPREAD,
  });
}

describe('spreading a page', () => {
  it('R9: the first few of a shop cost nothing, each further one more, never all of it', () => {
    expect([0, 1, 2].map((already) => spreadFactor(already, SPREAD))).toEqual([1, 1, 1]);
    expect(spreadFactor(3, SPREAD)).toBe(0.625);
    expect(spreadFactor(4, SPREAD)).toBe(0.4375);
    expect(spreadFactor(1_000, SPREAD)).toBe(0.25);
    expect(spreadFactor(undefined, SPREAD)).toBe(1);
  });

  it('R9: the fourth of a shop gives way to another shop that is nearly as good', () => {
    const kinds = [0, 0, 0, 0, 0, 1].map((shop, category) => ({ shop, category }));
    const places = select(kinds, [0.9, 0.8, 0.7, 0.6, 0.5, 0.45], 6).map(({ place }) => place);
    expect(places).toEqual([0, 1, 2, 5, 3, 4]);
  });

  it('R9: past the most of one shop comes only what nothing else is left for', () => {
    const kinds = [0, 0, 0, 0, 1, 2].map((shop, category) => ({ shop, category }));
    const { query, candidates } = someCandidates(kinds);
    const places = selectSpread(query, {
      candidates,
      scores: Float64Array.from([0.9, 0.9, 0.9, 0.9, 0.001, 0.0005]),
      count: 6,
      shopSpread: { ...SPREAD, most: 2 },
      categorySpread: SPREAD,
    }).map(({ place }) => place);
    expect(places).toEqual([0, 1, 4, 5, 2, 3]);
  });

  it('R9: a category is spread as a shop is', () => {
    const kinds = [0, 0, 0, 0, 1].map((category, shop) => ({ shop, category }));
    const places = select(kinds, [0.9, 0.8, 0.7, 0.6, 0.45], 5).map(({ place }) => place);
    expect(places).toEqual([0, 1, 2, 4, 3]);
  });

  it('R9: a category fills as much of a page at no cost as its share says, and no more', () => {
    const kinds = Array.from({ length: 10 }, (_, shop) => ({ shop, category: shop < 8 ? 0 : 1 }));
    const { query, candidates } = someCandidates(kinds);
    const category = query.state.catalog.leafCategoryAt(candidates.ordinals[0] as number);
    const page = (share: number) =>
      selectSpread(query, {
        candidates,
        scores: Float64Array.from(kinds, (_, i) => 1 - i / 100),
        count: 8,
        shopSpread: SPREAD,
        categorySpread: { ...SPREAD, most: 4 },
        categoryShares: new Map([[category, share]]),
      });
    expect(page(0.75).map(({ place }) => place)).toEqual([0, 1, 2, 3, 4, 5, 8, 9]);
    expect(page(0.75).map(({ factor }) => factor)).toEqual(Array(8).fill(1));
    expect(page(0.1).map(({ place }) => place)).toEqual([0, 1, 2, 8, 9, 3, 4, 5]);
  });

  it('R9: property: a page holds the best first, each once, as many as there are', () => {
    const kind = fc.record({
      shop: fc.nat(3),
      category: fc.nat(3),
      score: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(kind, { maxLength: 40 }), fc.integer({ min: 1, max: 50 }), (kinds, count) => {
        const scores = kinds.map(({ score }) => score);
        const chosen = select(kinds, scores, count);
        expect(chosen).toHaveLength(Math.min(count, kinds.length));
        expect(new Set(chosen.map(({ place }) => place)).size).toBe(chosen.length);
        const values = chosen.map(({ place, factor }) => (scores[place] as number) + Math.log(factor));
        expect(values).toEqual([...values].sort((a, b) => b - a));
        for (const { factor } of chosen) {
          expect(factor).toBeGreaterThanOrEqual(0.0625);
          expect(factor).toBeLessThanOrEqual(1);
        }
        if (chosen[0] !== undefined) expect(scores[chosen[0].place]).toBe(Math.max(...scores));
      }),
    );
  });

  it('R9: property: at each place no other candidate would have been worth more there', () => {
    const kind = fc.record({
      shop: fc.nat(2),
      category: fc.nat(2),
      score: fc.double({ min: 0.01, max: 1, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(kind, { minLength: 1, maxLength: 15 }), (kinds) => {
        const left = new Set(kinds.keys());
        const shops = new Map<number, number>();
        const categories = new Map<number, number>();
        const worth = (place: number) => {
          const { shop, category, score } = kinds[place] as (typeof kinds)[number];
          return (
            score +
            Math.log(spreadFactor(shops.get(shop), SPREAD) * spreadFactor(categories.get(category), SPREAD))
          );
        };
        for (const { place } of select(
          kinds,
          kinds.map(({ score }) => score),
          kinds.length,
        )) {
          expect(worth(place)).toBeCloseTo(Math.max(...[...left].map(worth)), 12);
          left.delete(place);
          const { shop, category } = kinds[place] as (typeof kinds)[number];
          shops.set(shop, (shops.get(shop) ?? 0) + 1);
          categories.set(category, (categories.get(category) ?? 0) + 1);
        }
      }),
    );
  });
});
