import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/core/random.js';
import { boostParts, pageBoosts, type ShopTerms, topRelevance } from '../../src/fairness/pageBoosts.js';
import { pageRelevance, withinBudget } from '../../src/fairness/pageBudget.js';
import { positionWeight } from '../../src/fairness/positionWeight.js';

const logit = (p: number) => Math.log(p / (1 - p));

/** Best first by score; ties by place. */
function topOf(scores: Float64Array, pageSize: number): number[] {
  return Array.from(scores.keys())
    .sort((a, b) => (scores[b] as number) - (scores[a] as number) || a - b)
    .slice(0, pageSize);
}

interface DrawnPage {
  readonly relevance: Float64Array;
  readonly shops: Int32Array;
  readonly terms: ShopTerms;
  readonly pageSize: number;
  readonly budgetRatio: number;
  readonly isGated: readonly boolean[];
}

/** A page of any kind: flat or steep relevance, weak or strong boosts, small or large budgets. */
function drawPage(random: () => number): DrawnPage {
  const count = 1 + Math.floor(random() * 40);
  const shopCount = 1 + Math.floor(random() * 10);
  const steepness = 6 * random();
  const column = (value: () => number) => Float32Array.from({ length: shopCount }, value);
  return {
    relevance: Float64Array.from(
      { length: count },
      () => 1 / (1 + Math.exp(steepness * (random() * 2 - 1) + 1)),
    ),
    shops: Int32Array.from({ length: count }, () => Math.floor(random() * (shopCount + 2)) - 1),
    terms: {
      isHead: Uint8Array.from({ length: shopCount }, () => (random() < 0.3 ? 1 : 0)),
      price: column(() => (random() < 0.3 ? random() * 2 : 0)),
      newShopLift: column(() => (random() < 0.2 ? random() : 0)),
      boost: random() * 4,
    },
    pageSize: 1 + Math.floor(random() * 20),
    budgetRatio: random() < 0.1 ? 0 : random() * 0.1,
    isGated: Array.from({ length: count }, () => random() < 0.2),
  };
}

function serve({ relevance, shops, terms, pageSize, budgetRatio, isGated }: DrawnPage) {
  const scores = Float64Array.from(relevance, logit);
  const unboosted = topOf(scores, pageSize);
  const boosts = pageBoosts(
    { shops, relevance, pageSize, mayBeLifted: (place) => !isGated[place], openness: 1 },
    terms,
    0.6,
  );
  if (boosts === undefined) return { unboosted, boosts, page: undefined };
  const page = withinBudget({
    unboosted,
    boosted: (scale) => {
      const { fairness, shopPrice } = boostParts(boosts, scale);
      return topOf(
        scores.map((score, i) => score + (fairness[i] as number) + (shopPrice[i] as number)),
        pageSize,
      );
    },
    relevanceOf: (place) => relevance[place] as number,
    budgetRatio,
  });
  return { unboosted, boosts, page };
}

describe('the budget of a page', () => {
  it('R7: is never exceeded on 100,000 random pages, and what was given up is told to the last bit', () => {
    const random = seededRandom(20_250_601);
    const seen = { whole: 0, shrunk: 0, refused: 0 };
    for (let i = 0; i < 100_000; i++) {
      const drawn = drawPage(random);
      const { unboosted, page } = serve(drawn);
      if (page === undefined) continue;
      const relevanceOf = (place: number) => drawn.relevance[place] as number;
      const without = pageRelevance(unboosted, relevanceOf);
      const lost = without - pageRelevance(page.slots, relevanceOf);
      if (lost > drawn.budgetRatio * without) expect.unreachable(`page ${i} gave up ${lost} of ${without}`);
      if (page.lostRatio !== Math.max(0, lost) / without) expect.unreachable(`page ${i} tells another loss`);
      if (page.scale === 1) seen.whole += 1;
      else if (page.scale > 0) seen.shrunk += 1;
      else seen.refused += 1;
    }
    // A test that never meets the budget would show nothing.
    expect(seen.whole).toBeGreaterThan(10_000);
    expect(seen.shrunk).toBeGreaterThan(1_000);
    expect(seen.refused).toBeGreaterThan(1_000);
  });

  it('R7: is kept even by a page that is chosen in spite of it', () => {
    const relevanceOf = (relevance: number) => relevance;
    const worst = () => [0.1, 0.1];
    const page = withinBudget({ unboosted: [0.9, 0.8], boosted: worst, relevanceOf, budgetRatio: 0.02 });
    expect(page).toEqual({ slots: [0.9, 0.8], scale: 0, lostRatio: 0 });
  });
});

describe('the boosts of a page', () => {
  it('R7, R6: nothing is lifted that fails its gates, belongs to the head, or is far from the page', () => {
    const random = seededRandom(7);
    let lifted = 0;
    for (let i = 0; i < 5_000; i++) {
      const drawn = drawPage(random);
      const { boosts } = serve(drawn);
      const floor = 0.6 * topRelevance(drawn.relevance, drawn.pageSize).last;
      boosts?.lift.forEach((lift, place) => {
        if (lift === 0) return;
        lifted += 1;
        const shop = drawn.shops[place] as number;
        expect(lift).toBeGreaterThan(0);
        expect(drawn.isGated[place]).toBe(false);
        expect(drawn.relevance[place]).toBeGreaterThanOrEqual(floor);
        expect(drawn.terms.isHead[shop] !== 1 || (drawn.terms.newShopLift[shop] as number) > 0).toBe(true);
      });
      boosts?.charge.forEach((charge, place) => {
        expect(charge > 0).toBe((drawn.terms.price[drawn.shops[place] as number] ?? 0) > 0);
      });
    }
    expect(lifted).toBeGreaterThan(1_000);
  });

  it('R7: who answers the tail poorly is lifted less of it, and new shops no less for that', () => {
    const terms: ShopTerms = {
      isHead: Uint8Array.of(1, 0, 0),
      price: new Float32Array(3),
      newShopLift: Float32Array.of(0, 0, 0.5),
      boost: 1,
    };
    const page = {
      shops: Int32Array.of(0, 1, 2, -1),
      relevance: Float64Array.of(0.5, 0.5, 0.5, 0.5),
      pageSize: 2,
      mayBeLifted: () => true,
    };
    expect([...(pageBoosts({ ...page, openness: 1 }, terms, 0.6)?.lift ?? [])]).toEqual([0, 1, 1.5, 0]);
    expect([...(pageBoosts({ ...page, openness: 0.25 }, terms, 0.6)?.lift ?? [])]).toEqual([
      0, 0.25, 0.75, 0,
    ]);
    // Who is beyond the columns came after the state was made: tail, at no price.
    expect([
      ...(pageBoosts({ ...page, openness: 1, shops: Int32Array.of(9, 9, 9, 9) }, terms, 0.6)?.lift ?? []),
    ]).toEqual([1, 1, 1, 1]);
  });

  it('R7: adds to odds, so that a place costs as much relevance wherever it is won', () => {
    const terms: ShopTerms = {
      isHead: Uint8Array.of(0),
      price: new Float32Array(1),
      newShopLift: new Float32Array(1),
      boost: 0.5,
    };
    const relevance = Float64Array.of(0.01, 0.02, 0.04);
    const page = {
      shops: Int32Array.of(0, 0, 0),
      relevance,
      pageSize: 3,
      mayBeLifted: () => true,
      openness: 1,
    };
    const boosts = pageBoosts(page, terms, 0) ?? expect.unreachable();
    const { mean } = topRelevance(relevance, 3);
    const { fairness } = boostParts(boosts, 1);
    for (const [place, own] of relevance.entries()) {
      const odds = Math.exp(logit(own) + (fairness[place] as number));
      expect(odds).toBeCloseTo(own / (1 - own) + (0.5 * mean) / (1 - mean), 9);
    }
    expect([...boostParts(boosts, 0).fairness]).toEqual([0, 0, 0]);
  });

  it('finds the most relevant as sorting does', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 200 }),
        fc.integer({ min: 1, max: 120 }),
        (values, k) => {
          const sorted = values.toSorted((a, b) => b - a);
          const { last, mean } = topRelevance(Float64Array.from(values), k);
          expect(last).toBe(sorted[Math.min(k, sorted.length) - 1]);
          const top = sorted.slice(0, k);
          const whole = top.reduce((sum, _, i) => sum + positionWeight(i + 1), 0);
          expect(mean).toBeCloseTo(pageRelevance(top, (value) => value) / whole, 9);
        },
      ),
    );
  });
});
