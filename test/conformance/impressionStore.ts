import { describe, expect, it } from 'vitest';
import type { Truth } from '../../src/stores/postgres/openTruth.js';
import { NOON_MS } from '../support/builders.js';

/** What every `ImpressionStore` promises, beside the served lists of its truth. `makeTruth` answers an empty one each time. */
export function impressionStoreConformance(name: string, makeTruth: () => Promise<Truth>): void {
  describe(`the impressions on ${name}`, () => {
    const seen = (rankId: string, ...positions: number[]) => ({ rankId, positions, seenAtMs: NOON_MS });
    const all = { afterSeq: 0, sinceMs: 0, limit: 100 };

    it('count each place of a list once, and say what was the first word', async () => {
      const { impressionStore } = await makeTruth();
      expect(await impressionStore.append([])).toEqual([]);
      expect(await impressionStore.append([seen('rank-1', 2, 1, 2)])).toEqual([2]);
      expect(await impressionStore.append([seen('rank-1', 2, 5), seen('rank-2', 1)])).toEqual([1, 1]);
      expect(await impressionStore.append([seen('rank-1', 1, 2)])).toEqual([0]);
      const fed = await impressionStore.after(all);
      expect(fed.map(({ rankId, positions, isFirst }) => [rankId, positions, isFirst])).toEqual([
        ['rank-1', [1, 2], true],
        ['rank-1', [5], false],
        ['rank-2', [1], true],
      ]);
      const [first] = fed;
      expect(first?.seenAtMs).toBe(NOON_MS);
      expect(first).not.toHaveProperty('list');
      const rest = await impressionStore.after({ ...all, afterSeq: first?.seq ?? 0, limit: 1 });
      expect(rest).toEqual([fed[1]]);
      expect(await impressionStore.after({ ...all, sinceMs: NOON_MS + 1 })).toEqual([]);
    });

    it('come with their list, whichever of the two was kept first', async () => {
      const { impressionStore, servedListStore } = await makeTruth();
      const list = {
        rankId: 'rank-1',
        userId: 'user-1',
        servedAtMs: NOON_MS,
        scene: 'home',
        level: 'full' as const,
        modelVersion: '',
        items: [{ productId: 'p1', score: 0.5, shopId: 's1' }],
        fairness: { isHeldOut: false, lostRatio: 0.01, unboostedShopIds: [undefined] },
      };
      await impressionStore.append([seen('rank-1', 1)]);
      await servedListStore.append([list]);
      const [fed] = await impressionStore.after(all);
      expect(fed?.list).toEqual(list);
    });

    it('are the news of one caller, when several say the same at once', async () => {
      const { impressionStore } = await makeTruth();
      const told = await Promise.all(
        Array.from({ length: 20 }, (_, i) => impressionStore.append([seen('rank-1', 1, 2, 3 + (i % 3))])),
      );
      expect(told.flat().reduce((sum, count) => sum + count, 0)).toBe(5);
      const fed = await impressionStore.after(all);
      expect(fed.flatMap(({ positions }) => positions).toSorted()).toEqual([1, 2, 3, 4, 5]);
      expect(fed.filter(({ isFirst }) => isFirst)).toHaveLength(1);
    });
  });
}
