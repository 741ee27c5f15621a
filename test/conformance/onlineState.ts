import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LoggedBehaviour } from '../../src/behaviour/behaviour.js';
import type { Projection } from '../../src/behaviour/projection.js';
import { STARTING_WEIGHTS } from '../../src/behaviour/weights.js';
import type { CatalogIndex } from '../../src/catalog/catalogIndex.js';
import { DAY_MS } from '../../src/core/time.js';
import type { UserState } from '../../src/tags/userState.js';
import type { UserStateStore } from '../../src/tags/userStateStore.js';
import { longTermVector } from '../../src/tags/userVectors.js';
import { aLogged } from '../behaviour/builders.js';
import { HISTORY_END_MS, HISTORY_USERS, historyCatalog, someHistoryTwice } from '../behaviour/histories.js';
import { NOON_MS } from '../support/builders.js';
import { expectSameReadings } from '../support/readings.js';
import { userReadings } from '../support/userReadings.js';

/** A back end of the online state of people. */
export type OnlineState = Projection & UserStateStore;

/**
 * What every back end of the online state promises: a projection, and what it makes of people.
 * `makeState` gives an empty one each time, over the catalogue that it is handed, with
 * `STARTING_WEIGHTS`.
 */
export function onlineStateConformance(
  name: string,
  makeState: (catalog: CatalogIndex) => Promise<OnlineState>,
): void {
  const make = (): Promise<OnlineState> => makeState(historyCatalog());

  describe(`the online state on ${name}`, () => {
    it('knows nobody at first, and has applied nothing', async () => {
      const state = await make();
      expect(await state.readUser('ann')).toBeUndefined();
      expect(state.appliedSeq()).toBe(0);
      await state.apply([]);
      expect(state.appliedSeq()).toBe(0);
    });

    it('reads what was applied once the promise has resolved, of that person alone', async () => {
      const state = await make();
      const bought = aLogged({ type: 'purchase', userId: 'ann', productId: 'linen' }, { productRevision: 1 });
      await state.apply([bought]);
      const ann = (await state.readUser('ann')) as UserState;
      expect(ann.userId).toBe('ann');
      expect([...ann.products.keys()]).toEqual(['linen']);
      expect(ann.products.get('linen')?.purchaseDays).toEqual([Math.floor(NOON_MS / DAY_MS)]);
      expect(longTermVector(ann, reading(NOON_MS)).get('category:clothing/shirts')).toBeGreaterThan(0);
      expect(await state.readUser('bo')).toBeUndefined();
    });

    it('answers the highest seq applied, in whatever order batches come', async () => {
      const state = await make();
      const rows = [1, 2, 3].map(() => aLogged({ userId: 'ann' }));
      const [first, second, third] = rows as [LoggedBehaviour, LoggedBehaviour, LoggedBehaviour];
      await state.apply([second]);
      expect(state.appliedSeq()).toBe(second.seq);
      await state.apply([third]);
      await state.apply([first]);
      expect(state.appliedSeq()).toBe(third.seq);
    });

    it('keeps the tags of the revision that a behaviour was logged against', async () => {
      const state = await make();
      const browses = [1, 2].map((productRevision) =>
        aLogged({ userId: 'ann', productId: 'linen' }, { productRevision }),
      );
      await state.apply(browses.slice(0, 1));
      const old = longTermVector((await state.readUser('ann')) as UserState, reading(NOON_MS));
      expect(old.has('category:clothing/shirts')).toBe(true);
      expect(old.has('category:clothing/summer')).toBe(false);
      await state.apply(browses.slice(1));
      const both = longTermVector((await state.readUser('ann')) as UserState, reading(NOON_MS));
      expect(both.has('category:clothing/summer')).toBe(true);
    });

    it('takes applications at the same time without losing one', async () => {
      const state = await make();
      const rows = Array.from({ length: 60 }, (_, i) =>
        aLogged({
          userId: HISTORY_USERS[i % 2] as string,
          type: 'favourite',
          productId: 'silk',
          occurredAtMs: NOON_MS + i,
        }),
      );
      await Promise.all(rows.map((row) => state.apply([row])));
      for (const userId of HISTORY_USERS) {
        const user = (await state.readUser(userId)) as UserState;
        expect(user.products.get('silk')?.byType.get('favourite')?.count).toBe(30);
      }
    });

    it('T6: property: any order of the same behaviours gives the same people', async () => {
      await fc.assert(
        fc.asyncProperty(someHistoryTwice, async ([history, shuffled]) => {
          const [inOrder, inAnother] = [await make(), await make()];
          await inOrder.apply(history);
          // One by one: nor does it matter how they are cut into batches.
          for (const logged of shuffled) await inAnother.apply([logged]);
          for (const userId of HISTORY_USERS) {
            const [a, b] = [await inOrder.readUser(userId), await inAnother.readUser(userId)];
            expect(b === undefined).toBe(a === undefined);
            if (a === undefined || b === undefined) continue;
            for (const nowMs of [HISTORY_END_MS, HISTORY_END_MS + 45 * DAY_MS]) {
              expectSameReadings(userReadings(b, nowMs), userReadings(a, nowMs));
            }
            expect(b.recent).toEqual(a.recent);
          }
        }),
        { numRuns: 150 },
      );
    });
  });
}

function reading(nowMs: number) {
  return { nowMs, weights: STARTING_WEIGHTS, idf: () => 1 };
}
