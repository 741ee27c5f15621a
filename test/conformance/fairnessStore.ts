import { describe, expect, it } from 'vitest';
import { type FairnessState, UNSTEERED } from '../../src/fairness/fairnessState.js';
import type { FairnessStore } from '../../src/fairness/fairnessStore.js';
import { NOON_MS } from '../support/builders.js';

function aState(version: number, facts: Partial<FairnessState> = {}): FairnessState {
  const steering = { ...UNSTEERED.steering, boost: 0.1 + version / 3, steppedAtMs: NOON_MS + version };
  return { ...UNSTEERED, version, steeredBy: 'server-1', steering, ...facts };
}

/** What every `FairnessStore` promises. `makeStore` answers an empty one each time. */
export function fairnessStoreConformance(name: string, makeStore: () => Promise<FairnessStore>): void {
  describe(`the state of the fairness loop on ${name}`, () => {
    it('begins with nothing, and with the first version alone', async () => {
      const store = await makeStore();
      expect(await store.read(0)).toBeUndefined();
      expect(await store.replace(aState(2))).toBe(false);
      expect(await store.read(0)).toBeUndefined();
      expect(await store.replace(aState(1))).toBe(true);
      expect(await store.read(0)).toEqual(aState(1));
    });

    it('comes back as it was put, whatever shops are called', async () => {
      const store = await makeStore();
      const facts = {
        headShopIds: ['店', 'a"b\\', '__proto__'],
        frozenOnDay: 20_000,
        frozenAtPages: 0.1,
        prices: { '店 1': 0.25, '': 1e-9 },
        newShopLifts: { 'shop-2': 1 },
      };
      await store.replace(aState(1, facts));
      expect(await store.read(0)).toEqual(aState(1, facts));
    });

    it('is answered when it is newer than what the reader has', async () => {
      const store = await makeStore();
      await store.replace(aState(1));
      await store.replace(aState(2));
      expect(await store.read(1)).toEqual(aState(2));
      expect(await store.read(2)).toBeUndefined();
      expect(await store.read(7)).toBeUndefined();
    });

    it('takes one of two steps made at once, and no version twice', async () => {
      const store = await makeStore();
      for (let version = 1; version <= 20; version++) {
        const servers = ['server-1', 'server-2', 'server-3'];
        const taken = await Promise.all(
          servers.map((steeredBy) => store.replace(aState(version, { steeredBy }))),
        );
        expect(taken.filter((isTaken) => isTaken)).toHaveLength(1);
        const winner = servers[taken.indexOf(true)];
        expect(await store.read(version - 1)).toEqual(aState(version, { steeredBy: winner as string }));
        expect(await store.replace(aState(version))).toBe(false);
      }
    });
  });
}
