import { describe, expect, it } from 'vitest';
import type { ServedList } from '../../src/ranking/servedListStore.js';
import type { Truth } from '../../src/stores/postgres/openTruth.js';
import { aBehaviour, NOON_MS } from '../support/builders.js';

/** What `ExposureTallies` promise. `makeTruth` answers an empty truth each time. */
export function exposureTalliesConformance(name: string, makeTruth: () => Promise<Truth>): void {
  describe(`the tallies of exposure on ${name}`, () => {
    const window = { fromMs: NOON_MS, throughMs: NOON_MS + 1_000 };
    const list = (
      rankId: string,
      shopIds: readonly string[],
      facts: Partial<ServedList> = {},
    ): ServedList => ({
      rankId,
      userId: 'user-1',
      servedAtMs: NOON_MS,
      scene: 'home',
      level: 'full',
      modelVersion: '',
      items: shopIds.map((shopId, i) => ({
        productId: `product-${i + 1}`,
        score: 1,
        ...(shopId !== '' && { shopId }),
      })),
      fairness: { isHeldOut: false, lostRatio: 0 },
      ...facts,
    });
    const did = (type: 'browse' | 'purchase' | 'favourite', rankId: string, productId: string) => {
      const behaviour = aBehaviour({ eventId: `${type} ${rankId} ${productId}`, type, rankId, productId });
      return { behaviour, context: { productRevision: 1, traits: {}, userClarity: 0 } };
    };

    it('R7: sum places by weight, and clicks and orders by the shop that stood in the list, for each arm', async () => {
      const truth = await makeTruth();
      await truth.servedListStore.append([
        list('rank-1', ['s1', 's2', ''], { fairness: { isHeldOut: false, boostScale: 1, lostRatio: 0.02 } }),
        list('rank-2', ['s2', 's1', 's2']),
        list('rank-3', ['s3'], { fairness: { isHeldOut: true, lostRatio: 0 } }),
        list('before', ['s1'], { servedAtMs: NOON_MS - 1 }),
        list('after', ['s1'], { servedAtMs: NOON_MS + 1_000 }),
        { ...list('unseen by fairness', ['s1']), fairness: undefined } as unknown as ServedList,
      ]);
      await truth.behaviourLog.append([
        did('browse', 'rank-1', 'product-2'),
        did('browse', 'rank-2', 'product-1'),
        did('purchase', 'rank-2', 'product-2'),
        did('favourite', 'rank-2', 'product-2'),
        did('browse', 'rank-2', 'not in the list'),
        did('browse', 'before', 'product-1'),
        did('browse', 'rank-3', 'product-1'),
      ]);
      const { pages, shops } = await truth.exposureTallies.between(window);
      expect(pages.toSorted((a, b) => a.arm.localeCompare(b.arm))).toEqual([
        { arm: 'boosted', pages: 2, boostedPages: 1, meanLostRatio: 0.01, mostLostRatio: 0.02 },
        { arm: 'held_out', pages: 1, boostedPages: 0, meanLostRatio: 0, mostLostRatio: 0 },
      ]);
      const second = 1 / Math.log2(3);
      const of = (arm: string, shopId?: string) =>
        shops.find((tally) => tally.arm === arm && tally.shopId === shopId);
      expect(shops).toHaveLength(4);
      expect(of('boosted', 's1')).toMatchObject({
        exposure: expect.closeTo(1 + second, 9),
        clicks: 0,
        orders: 1,
      });
      expect(of('boosted', 's2')).toMatchObject({
        exposure: expect.closeTo(second + 1.5, 9),
        clicks: 2,
        orders: 0,
      });
      expect(of('boosted')).toMatchObject({ exposure: expect.closeTo(0.5, 9), clicks: 0, orders: 0 });
      expect(of('held_out', 's3')).toMatchObject({ exposure: 1, clicks: 1, orders: 0 });
    });

    it('R7: count what was seen in place of what was served, and what people did there all the same', async () => {
      const truth = await makeTruth();
      await truth.servedListStore.append([list('rank-1', ['s1', 's2', 's3'])]);
      await truth.impressionStore.append([{ rankId: 'rank-1', positions: [1], seenAtMs: NOON_MS }]);
      await truth.impressionStore.append([{ rankId: 'rank-1', positions: [3], seenAtMs: NOON_MS }]);
      await truth.behaviourLog.append([did('browse', 'rank-1', 'product-2')]);
      const { shops } = await truth.exposureTallies.between(window);
      const told = shops.map(({ shopId, exposure, clicks }) => [shopId, exposure, clicks]);
      expect(told.toSorted()).toEqual([
        ['s1', 1, 0],
        ['s2', 0, 1],
        ['s3', expect.closeTo(0.5, 9), 0],
      ]);
    });
  });
}
