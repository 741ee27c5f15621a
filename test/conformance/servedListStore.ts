import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvalidInputError } from '../../src/core/errors.js';
import { DEGRADATION_LEVELS } from '../../src/core/vocabulary.js';
import type { ServedList, ServedListStore } from '../../src/ranking/servedListStore.js';
import { NOON_MS } from '../support/builders.js';

function aServedList(facts: Partial<ServedList> = {}): ServedList {
  return {
    rankId: 'rank-1',
    userId: 'user-1',
    servedAtMs: NOON_MS,
    scene: 'home',
    level: 'full',
    modelVersion: 'model-1',
    items: [
      { productId: 'product-2', score: 0.75 },
      { productId: 'product-1', score: -0.5 },
    ],
    ...facts,
  };
}

/** What every `ServedListStore` promises. `makeStore` answers an empty one each time. */
export function servedListStoreConformance(name: string, makeStore: () => Promise<ServedListStore>): void {
  describe(`the served lists on ${name}`, () => {
    it('start empty, and an empty call does nothing', async () => {
      const store = await makeStore();
      await store.append([]);
      expect(await store.get('rank-1')).toBeUndefined();
    });

    it('come back as they were served, whenever that was', async () => {
      const store = await makeStore();
      const text = fc
        .string({ unit: 'grapheme', maxLength: 12 })
        .map((value) => value.replaceAll('\u0000', ''));
      const anyList = fc.record(
        {
          rankId: fc.uuid(),
          userId: text,
          servedAtMs: fc.integer({ min: 0, max: 4_000_000_000_000 }),
          scene: text,
          level: fc.constantFrom(...DEGRADATION_LEVELS),
          modelVersion: text,
          items: fc.array(
            fc.record(
              {
                productId: text,
                score: fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => n + 0),
                shopId: text,
              },
              { noNullPrototype: true, requiredKeys: ['productId', 'score'] },
            ),
            { maxLength: 6 },
          ),
          fairness: fc.record(
            {
              isHeldOut: fc.boolean(),
              boostScale: fc.constantFrom(0, 0.25, 1),
              lostRatio: fc.double({ min: 0, max: 1, noNaN: true }).map((n) => n + 0),
              unboostedShopIds: fc.array(fc.option(text, { nil: undefined }), { maxLength: 6 }),
            },
            { noNullPrototype: true, requiredKeys: ['isHeldOut', 'lostRatio'] },
          ),
        },
        {
          noNullPrototype: true,
          requiredKeys: ['rankId', 'userId', 'servedAtMs', 'scene', 'level', 'modelVersion', 'items'],
        },
      );
      await fc.assert(
        fc.asyncProperty(fc.array(anyList, { minLength: 1, maxLength: 12 }), async (lists) => {
          await store.append(lists);
          for (const list of lists) expect(await store.get(list.rankId)).toEqual(list);
        }),
        { numRuns: 15 },
      );
    });

    it('are kept once, however often a call is repeated', async () => {
      const store = await makeStore();
      await store.append([aServedList(), aServedList()]);
      await store.append([aServedList({ scene: 'told otherwise' }), aServedList({ rankId: 'rank-2' })]);
      expect(await store.get('rank-1')).toEqual(aServedList());
      expect(await store.get('rank-2')).toEqual(aServedList({ rankId: 'rank-2' }));
    });

    it('are kept all of a call or none, and a bad one is said to be bad', async () => {
      const store = await makeStore();
      const bad = aServedList({ rankId: 'bad', scene: 'a\u0000b' });
      await expect(store.append([aServedList(), bad])).rejects.toThrow(InvalidInputError);
      expect(await store.get('rank-1')).toBeUndefined();
    });

    it('go in side by side', async () => {
      const store = await makeStore();
      const ids = Array.from({ length: 60 }, (_, index) => `rank-${index}`);
      const lists = ids.map((rankId) => aServedList({ rankId }));
      await Promise.all([store.append(lists), store.append(lists.toReversed()), store.append(lists)]);
      for (const rankId of ids) expect((await store.get(rankId))?.rankId).toBe(rankId);
    });

    it('are fed in the order in which they became visible, each once', async () => {
      const store = await makeStore();
      await store.append([aServedList({ rankId: 'rank-1' }), aServedList({ rankId: 'rank-2' })]);
      await store.append([aServedList({ rankId: 'rank-1' }), aServedList({ rankId: 'rank-0' })]);
      const all = await store.after({ afterSeq: 0, sinceMs: 0, limit: 10 });
      expect(all.map(({ list }) => list.rankId)).toEqual(['rank-1', 'rank-2', 'rank-0']);
      expect(all[0]?.list).toEqual(aServedList());
      const [first, second] = all.map(({ seq }) => seq) as [number, number];
      expect(second).toBeGreaterThan(first);
      const next = await store.after({ afterSeq: first, sinceMs: 0, limit: 1 });
      expect(next.map(({ list }) => list.rankId)).toEqual(['rank-2']);
      expect(await store.after({ afterSeq: first, sinceMs: NOON_MS + 1, limit: 10 })).toEqual([]);
    });

    it('are never overtaken: whoever follows while many write misses none', async () => {
      const store = await makeStore();
      const followed: string[] = [];
      let seq = 0;
      const follow = async () => {
        const page = await store.after({ afterSeq: seq, sinceMs: 0, limit: 7 });
        for (const fed of page) {
          followed.push(fed.list.rankId);
          seq = fed.seq;
        }
        return page.length;
      };
      const ids = Array.from({ length: 120 }, (_, index) => `rank-${index}`);
      let isDone = false;
      const writing = Promise.all(ids.map((rankId) => store.append([aServedList({ rankId })]))).then(() => {
        isDone = true;
      });
      while (!isDone) await follow();
      await writing;
      while ((await follow()) > 0);
      expect(followed.toSorted()).toEqual(ids.toSorted());
    });
  });
}
