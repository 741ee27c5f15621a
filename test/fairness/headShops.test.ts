import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { headShops } from '../../src/fairness/headShops.js';

const standings = (exposures: readonly number[]) =>
  exposures.map((natural, i) => ({ shopId: `shop-${String(i).padStart(3, '0')}`, natural }));

const NOBODY: ReadonlySet<string> = new Set();

describe('head and tail', () => {
  it('R7: a fifth of the shops is head at most, and fewer when fewer hold 95 % of exposure', () => {
    const even = standings(Array.from({ length: 100 }, () => 1));
    const few = standings(Array.from({ length: 100 }, (_, i) => (i < 3 ? 100 : 0.01)));
    const head = (of: typeof even, shopCount = 100) =>
      headShops({ standings: of, shopCount, before: NOBODY, headShopRatio: 0.2 });
    expect(head(even).size).toBe(20);
    expect([...head(few)]).toEqual(['shop-000', 'shop-001', 'shop-002']);
    // Shops that were never served are tail as well, and make room in the head.
    expect(head(even, 200).size).toBe(40);
  });

  it('R7: a shop near the line stays where it is, one clearly beyond it changes sides', () => {
    const shares = Array.from({ length: 50 }, (_, i) => 100 - i);
    const first = headShops({
      standings: standings(shares),
      shopCount: 50,
      before: NOBODY,
      headShopRatio: 0.2,
    });
    expect(first.size).toBe(10);
    // The two at the line change places, which is noise.
    const [ninth, tenth] = [shares[9] as number, shares[10] as number];
    const swapped = shares.with(9, tenth).with(10, ninth);
    const again = headShops({
      standings: standings(swapped),
      shopCount: 50,
      before: first,
      headShopRatio: 0.2,
    });
    expect(again).toEqual(first);
    // The last of all becomes the first, which is none.
    const risen = shares.with(49, 1_000);
    const then = headShops({ standings: standings(risen), shopCount: 50, before: first, headShopRatio: 0.2 });
    expect(then.has('shop-049')).toBe(true);
    expect(then.has('shop-009')).toBe(false);
    expect(then.size).toBe(10);
  });

  it('R7: is as large as without a past, holds who is clearly above, and nobody who is clearly below', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 1_000 }), { minLength: 1, maxLength: 80 }),
        fc.func(fc.boolean()),
        (exposures, wasHead) => {
          const all = standings(exposures);
          const options = { standings: all, shopCount: exposures.length, headShopRatio: 0.2 };
          const before = new Set(all.map(({ shopId }) => shopId).filter((shopId) => wasHead(shopId)));
          const fresh = headShops({ ...options, before: NOBODY });
          const head = headShops({ ...options, before });
          expect(head.size).toBe(fresh.size);
          const ranked = all.toSorted((a, b) => b.natural - a.natural || (a.shopId < b.shopId ? -1 : 1));
          ranked.forEach(({ shopId }, rank) => {
            if (rank < Math.floor(0.8 * fresh.size)) expect(head.has(shopId)).toBe(true);
            if (rank >= Math.ceil(1.2 * fresh.size)) expect(head.has(shopId)).toBe(false);
          });
        },
      ),
    );
  });
});
