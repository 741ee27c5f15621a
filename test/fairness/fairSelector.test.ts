import { describe, expect, it } from 'vitest';
import { createCatalogIndex } from '../../src/catalog/catalogIndex.js';
import type { Fairness } from '../../src/fairness/fairnessInForce.js';
import type { Query } from '../../src/ranking/query.js';
import { selectFair } from '../../src/ranking/selectors/fairSelector.js';
import { aProduct } from '../support/builders.js';

const catalog = createCatalogIndex();
for (const shopId of ['head', 'tail']) {
  catalog.upsertProduct({ product: aProduct({ productId: shopId, shopId }), revision: 1 }, []);
}
const query = {
  request: { pageSize: 1 },
  nowMs: 0,
  state: { catalog, productState: () => undefined },
  products: new Map(),
} as unknown as Query;

/** One slot, two candidates: the second is a little less relevant. */
function select(fairness: Partial<Fairness> | undefined) {
  const failures: unknown[] = [];
  const selection = selectFair(query, {
    fairness: fairness && {
      pageBudgetRatio: 0.1,
      qualityGate: 0,
      naturalShareRatio: 0.1,
      isHeldOut: () => false,
      isTail: (shop) => shop === catalog.shops.of('tail'),
      boostsFor: () => ({ lift: Float64Array.of(0, Math.E - 1), charge: new Float64Array(2) }),
      ...fairness,
    },
    personId: 'somebody',
    candidates: { ordinals: [catalog.products.of('head'), catalog.products.of('tail')], sourceBits: [0, 0] },
    logOdds: Float32Array.of(0.1, 0),
    scores: Float64Array.of(0.1, 0),
    select: (scores) => [{ place: (scores[1] as number) > (scores[0] as number) ? 1 : 0 }],
    onFailed: (cause) => failures.push(cause),
  });
  return { ...selection, failures };
}

describe('a fair page', () => {
  it('R7: shows the tail where its budget bears it, and tells what relevance alone would have shown', () => {
    const { chosen, unboosted, scores, served } = select({});
    expect([chosen, unboosted]).toEqual([[{ place: 1 }], [{ place: 0 }]]);
    expect([...scores]).toEqual([0.1, 1]);
    expect(served).toMatchObject({ isHeldOut: false, boostScale: 1, unboostedShopIds: ['head'] });
    expect(served?.lostRatio).toBeCloseTo(0.0476, 3);
  });

  it('R7: is the page without boosts beyond the budget, for the held out, and where there is no fairness', () => {
    const dear = select({ pageBudgetRatio: 0.01 });
    expect([dear.chosen, dear.boosts, [...dear.scores]]).toEqual([[{ place: 0 }], undefined, [0.1, 0]]);
    expect(dear.served).toEqual({ isHeldOut: false, boostScale: 0, lostRatio: 0 });
    const heldOut = select({ isHeldOut: () => true });
    expect([heldOut.chosen, heldOut.served]).toEqual([[{ place: 0 }], { isHeldOut: true, lostRatio: 0 }]);
    expect(select(undefined)).toMatchObject({ chosen: [{ place: 0 }] });
    expect(select(undefined)).not.toHaveProperty('served');
  });

  it('is the page without boosts when these fail, and says so', () => {
    const cause = new Error('a test');
    const { chosen, served, failures } = select({
      boostsFor: () => {
        throw cause;
      },
    });
    expect([chosen, served, failures]).toEqual([[{ place: 0 }], { isHeldOut: false, lostRatio: 0 }, [cause]]);
  });
});
