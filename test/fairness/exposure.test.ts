import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DAY_MS, halfLife } from '../../src/core/time.js';
import { type ExposedPage, Exposure } from '../../src/fairness/exposure.js';
import { positionWeight } from '../../src/fairness/positionWeight.js';
import { NOON_MS } from '../support/builders.js';

const HALF_LIFE = halfLife(DAY_MS);

const anyPage: fc.Arbitrary<ExposedPage> = fc.record({
  atMs: fc.integer({ min: NOON_MS, max: NOON_MS + 400 * DAY_MS }),
  items: fc.array(
    fc.record({
      productId: fc.constantFrom('p1', 'p2', 'p3', 'p4'),
      shopId: fc.constantFrom('s1', 's2', 's3', undefined),
    }),
    { maxLength: 8 },
  ),
  unboostedShopIds: fc.option(fc.array(fc.constantFrom('s1', 's4', undefined), { maxLength: 8 }), {
    nil: undefined,
  }),
});

const countOf = (pages: readonly ExposedPage[]) => {
  const exposure = new Exposure(HALF_LIFE);
  for (const page of pages) exposure.add(page);
  return exposure;
};

/** By the words alone, without a landmark. */
const plainly = (pages: readonly ExposedPage[], nowMs: number, shopId: string) => {
  let [served, natural] = [0, 0];
  for (const { atMs, items, unboostedShopIds } of pages) {
    items.forEach((item, i) => {
      const weight = 2 ** (-(nowMs - atMs) / DAY_MS) / Math.log2(i + 2);
      if (item.shopId === shopId) served += weight;
      const unboosted = unboostedShopIds === undefined ? item.shopId : unboostedShopIds[i];
      if (unboosted === shopId) natural += weight;
    });
  }
  return { shopId, served, natural };
};

const isClose = (a: number, b: number) => Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(a), Math.abs(b));

describe('exposure', () => {
  it('weighs the first place one, and a later one as DCG discounts it', () => {
    expect(positionWeight(1)).toBe(1);
    expect(positionWeight(3)).toBe(0.5);
    expect(positionWeight(1_023)).toBeCloseTo(0.1);
  });

  it('R7: is what the words say: every place by its weight, fading by half every day', () => {
    fc.assert(
      fc.property(fc.array(anyPage, { maxLength: 12 }), fc.nat(30), (pages, days) => {
        const nowMs = NOON_MS + (400 + days) * DAY_MS;
        for (const shop of countOf(pages).shopsAt(nowMs)) {
          const expected = plainly(pages, nowMs, shop.shopId);
          expect(isClose(shop.served, expected.served)).toBe(true);
          expect(isClose(shop.natural, expected.natural)).toBe(true);
        }
      }),
    );
  });

  it('does not depend on the order of pages, nor on where they were counted', () => {
    fc.assert(
      fc.property(fc.array(anyPage, { maxLength: 12 }), fc.nat(12), (pages, cut) => {
        const nowMs = NOON_MS + 401 * DAY_MS;
        const merged = countOf(pages.slice(0, cut));
        merged.merge(countOf(pages.slice(cut)));
        for (const other of [countOf(pages.toReversed()), merged]) {
          const shops = new Map([...other.shopsAt(nowMs)].map((shop) => [shop.shopId, shop]));
          for (const { shopId, served, natural } of countOf(pages).shopsAt(nowMs)) {
            expect(isClose(shops.get(shopId)?.served ?? 0, served)).toBe(true);
            expect(isClose(shops.get(shopId)?.natural ?? 0, natural)).toBe(true);
          }
          expect(isClose(other.totalAt(nowMs), countOf(pages).totalAt(nowMs))).toBe(true);
          expect(isClose(other.pagesAt(nowMs), countOf(pages).pagesAt(nowMs))).toBe(true);
        }
      }),
    );
  });

  it('counts the places that were seen in place of those that were served, once a client says so', () => {
    const page = {
      atMs: NOON_MS,
      items: ['s1', 's2', 's3'].map((shopId, i) => ({ productId: `p${i}`, shopId })),
      unboostedShopIds: ['s1', 's4', 's4'],
    };
    const exposure = countOf([page]);
    exposure.see(page, { positions: [2], isFirst: true });
    const seen = [...exposure.shopsAt(NOON_MS)].map(({ shopId, served, natural }) => [
      shopId,
      Number(served.toFixed(9)),
      Number(natural.toFixed(9)),
    ]);
    const second = Number(positionWeight(2).toFixed(9));
    expect(seen).toEqual([
      ['s1', 0, 0],
      ['s2', second, 0],
      ['s4', 0, second],
      ['s3', 0, 0],
    ]);
    expect(exposure.ofProduct('p1', NOON_MS)).toBeCloseTo(second);
    expect(exposure.ofShop('nobody', NOON_MS)).toBe(0);
  });
});
