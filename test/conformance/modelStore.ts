import { describe, expect, it } from 'vitest';
import { FailedPreconditionError, NotFoundError } from '../../src/core/errors.js';
import type { ModelStore } from '../../src/inference/modelStore.js';
import { NOON_MS } from '../support/builders.js';

const BYTES = Uint8Array.from([0, 255, 10, 13, 128, 0]);

function aModel(version: string, facts: { manifest?: string; bytes?: Uint8Array } = {}) {
  const manifest = `{"version": "${version}", "golden": 0.1}`;
  return { version, manifest, bytes: BYTES, addedBy: 'olga', addedAtMs: NOON_MS, ...facts };
}

const said = (setAtMs = NOON_MS) => ({ setBy: 'olga', setAtMs });

/** What every `ModelStore` promises. `makeStore` answers an empty one each time. */
export function modelStoreConformance(name: string, makeStore: () => Promise<ModelStore>): void {
  describe(`the store of models on ${name}`, () => {
    const withModels = async (...versions: string[]) => {
      const store = await makeStore();
      for (const [i, version] of versions.entries()) {
        await store.add({ ...aModel(version), addedAtMs: NOON_MS + i });
      }
      return store;
    };
    const activate = (store: ModelStore, version: string) =>
      store.give({ ...said(), role: 'active', version });
    const activeIn = async (store: ModelStore) => (await store.inForce()).active?.version;

    it('gives a model back to the byte, and lists it without', async () => {
      const store = await makeStore();
      const given = aModel('模型 1', { manifest: '{\n "a":  1.10 }' });
      expect(await store.add(given)).toBe(true);
      const files = await store.read('模型 1');
      expect(files?.manifest).toBe(given.manifest);
      expect([...(files?.bytes ?? [])]).toEqual([...BYTES]);
      const { bytes: _, ...kept } = given;
      expect(await store.list()).toEqual([kept]);
      expect(await store.read('another')).toBeUndefined();
    });

    it('keeps the first of a version: the same again is no news, another is refused', async () => {
      const store = await withModels('m1');
      expect(await store.add({ ...aModel('m1'), addedBy: 'omar', addedAtMs: NOON_MS + 9 })).toBe(false);
      const others = [{ manifest: '{}' }, { bytes: Uint8Array.from([1]) }];
      for (const other of others) {
        await expect(store.add(aModel('m1', other))).rejects.toThrow(FailedPreconditionError);
      }
      expect(await store.list()).toMatchObject([{ version: 'm1', addedBy: 'olga', addedAtMs: NOON_MS }]);
    });

    it('knows who has a role, each by its last word, and keeps every word', async () => {
      const store = await withModels('m1', 'm2');
      expect(await store.inForce()).toEqual({});
      expect(await store.give({ ...said(), role: 'active', version: 'm1', note: 'why "not"\\' })).toBe(true);
      expect(await store.give({ ...said(NOON_MS + 1), role: 'shadow', version: 'm2' })).toBe(true);
      expect(await activate(store, 'm1')).toBe(false);
      const { active, shadow } = await store.inForce();
      expect(active).toEqual({
        ...said(),
        seq: expect.any(Number),
        role: 'active',
        version: 'm1',
        note: 'why "not"\\',
        isRollback: false,
      });
      expect(shadow?.seq).toBeGreaterThan(active?.seq ?? 0);
      expect(await store.give({ ...said(), role: 'shadow' })).toBe(true);
      expect(await store.give({ ...said(), role: 'shadow' })).toBe(false);
      expect((await store.inForce()).shadow).not.toHaveProperty('version');
      expect((await store.changes(2)).map(({ role }) => role)).toEqual(['shadow', 'shadow']);
      expect(await store.changes(10)).toHaveLength(3);
    });

    it('knows no model that was not added', async () => {
      const store = await makeStore();
      await expect(activate(store, 'm9')).rejects.toThrow(NotFoundError);
      expect(await store.changes(10)).toEqual([]);
    });

    it('takes words back one after the other, down to the model of the settings', async () => {
      const store = await withModels('m1', 'm2', 'm3');
      expect(await store.rollBack(said())).toBeUndefined();
      for (const version of ['m1', 'm2', 'm3']) await activate(store, version);
      expect(await store.rollBack({ ...said(), note: 'slow' })).toEqual({ version: 'm2' });
      expect((await store.inForce()).active).toMatchObject({ version: 'm2', isRollback: true, note: 'slow' });
      expect(await store.rollBack(said())).toEqual({ version: 'm1' });
      await activate(store, 'm3');
      expect(await store.rollBack(said())).toEqual({ version: 'm1' });
      expect(await store.rollBack(said())).toEqual({ version: undefined });
      expect(await activeIn(store)).toBeUndefined();
      expect(await store.rollBack(said())).toBeUndefined();
      expect(await activate(store, 'm1')).toBe(true);
      expect(await activeIn(store)).toBe('m1');
    });

    it('takes back once what several say at once of the same', async () => {
      const store = await withModels('m1', 'm2');
      for (const version of ['m1', 'm2']) await activate(store, version);
      const all = await Promise.all([1, 2, 3].map(() => store.rollBack({ ...said(), ifActive: 'm2' })));
      expect(all.filter((one) => one !== undefined)).toEqual([{ version: 'm1' }]);
      expect(await activeIn(store)).toBe('m1');
    });
  });
}
