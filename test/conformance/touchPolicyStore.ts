import { describe, expect, it } from 'vitest';
import { FailedPreconditionError } from '../../src/core/errors.js';
import { window } from '../../src/core/time.js';
import type { TouchPolicyStore } from '../../src/touch/touchPolicyStore.js';
import { NOON_MS } from '../support/builders.js';
import { aCap, aPolicy, aQuietRule } from '../touch/builders.js';

/** What every `TouchPolicyStore` promises. `makeStore` answers an empty one each time. */
export function touchPolicyStoreConformance(name: string, makeStore: () => Promise<TouchPolicyStore>): void {
  describe(`the touch policy store on ${name}`, () => {
    it('starts with no policy', async () => {
      const store = await makeStore();
      expect(await store.latest()).toBeUndefined();
      expect(await store.get(1)).toBeUndefined();
    });

    it('gives back every version as it was stored', async () => {
      const store = await makeStore();
      const full = aPolicy({
        version: 1,
        caps: [
          aCap({ channels: ['sms'], minGapMs: window(60_000) }),
          aCap({ id: 'month', window: { kind: 'calendar', unit: 'month' }, shopIds: ['店 "1"\\'] }),
        ],
        quietHours: [aQuietRule()],
        campaignTypes: [
          { campaignType: 'x', bypassesCaps: true, countsTowardCaps: false, bypassesQuietHours: true },
        ],
      });
      await store.append(full, NOON_MS);
      await store.append(aPolicy({ version: 2 }), NOON_MS + 1);
      expect(await store.get(1)).toEqual({ policy: full, storedAtMs: NOON_MS });
      expect(await store.latest()).toEqual({ policy: aPolicy({ version: 2 }), storedAtMs: NOON_MS + 1 });
    });

    it('C1: names the versions by which something is learned', async () => {
      const store = await makeStore();
      expect(await store.learningSince(0)).toEqual([]);
      for (const version of [1, 2, 3, 4]) {
        const learning = version % 2 === 0 ? { budget: { defaultPerDay: 0.5, shadow: false } } : undefined;
        await store.append(aPolicy({ version, ...(learning && { learning }) }), NOON_MS + version);
      }
      const found = await store.learningSince(0);
      expect(found.map(({ policy, storedAtMs }) => [policy.version, storedAtMs])).toEqual([
        [2, NOON_MS + 2],
        [4, NOON_MS + 4],
      ]);
      expect(found[0]?.policy.learning?.budget?.defaultPerDay).toBe(0.5);
      expect((await store.learningSince(2)).map(({ policy }) => policy.version)).toEqual([4]);
    });

    it('takes any first version, and then only the next', async () => {
      const store = await makeStore();
      await store.append(aPolicy({ version: 7 }), NOON_MS);
      for (const version of [6, 7, 9]) {
        await expect(store.append(aPolicy({ version }), NOON_MS)).rejects.toThrow(FailedPreconditionError);
      }
      expect((await store.latest())?.policy.version).toBe(7);
      await store.append(aPolicy({ version: 8 }), NOON_MS);
      expect((await store.latest())?.policy.version).toBe(8);
    });

    it('lets one of several writers win that start from the same version', async () => {
      const store = await makeStore();
      await store.append(aPolicy({ version: 1 }), NOON_MS);
      const writers = [1, 2, 3, 4].map((cap) =>
        store.append(aPolicy({ version: 2, caps: [aCap({ cap })] }), NOON_MS),
      );
      const outcomes = await Promise.allSettled(writers);
      const won = outcomes.flatMap(({ status }, index) => (status === 'fulfilled' ? [index + 1] : []));
      expect(won).toHaveLength(1);
      expect((await store.latest())?.policy.caps[0]?.cap).toBe(won[0]);
    });
  });
}
