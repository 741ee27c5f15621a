import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FailedPreconditionError } from '../../src/core/errors.js';
import { type IdentityStore, MAX_IDS_A_PERSON } from '../../src/identity/identityStore.js';
import { NOON_MS } from '../support/builders.js';

/** What every `IdentityStore` promises. `makeStore` answers an empty one each time. */
export function identityStoreConformance(name: string, makeStore: () => Promise<IdentityStore>): void {
  describe(`the identity store on ${name}`, () => {
    it('T7: takes an id that nobody linked for a person of its own', async () => {
      const store = await makeStore();
      expect(await store.personOf([])).toEqual(new Map());
      expect(await store.personOf(['a', 'b'])).toEqual(
        new Map([
          ['a', 'a'],
          ['b', 'b'],
        ]),
      );
      expect(await store.membersOf('a')).toEqual([{ userId: 'a' }]);
      expect(await store.changes({ afterSeq: 0, limit: 10 })).toEqual([]);
      expect(await store.lastChangeSeq()).toBe(0);
      expect(await store.unlink({ otherId: 'a', nowMs: NOON_MS })).toEqual({ personId: 'a', changed: false });
    });

    it('T7: makes two ids one person, named after the group that was given first', async () => {
      const store = await makeStore();
      const outcome = await store.link({ userId: 'a', otherId: 'b', kind: 'phone', nowMs: NOON_MS });
      expect(outcome).toEqual({ personId: 'a', changed: true });
      expect(await store.personOf(['b', 'a'])).toEqual(
        new Map([
          ['b', 'a'],
          ['a', 'a'],
        ]),
      );
      expect(await store.membersOf('a')).toEqual([
        { userId: 'a', linkedAtMs: NOON_MS, seq: expect.any(Number) },
        { userId: 'b', kind: 'phone', linkedAtMs: NOON_MS, seq: expect.any(Number) },
      ]);
      expect(await store.membersOf('b')).toEqual([]);
    });

    it('T7: follows chains, and merges groups as a whole', async () => {
      const store = await makeStore();
      await link(store, 'a', 'b');
      await link(store, 'b', 'c');
      await link(store, 'x', 'y');
      expect(await groups(store, 'abcxy')).toEqual({ a: 'a', b: 'a', c: 'a', x: 'x', y: 'x' });
      expect(await link(store, 'y', 'c')).toEqual({ personId: 'x', changed: true });
      expect(await groups(store, 'abcxy')).toEqual({ a: 'x', b: 'x', c: 'x', x: 'x', y: 'x' });
      expect((await store.membersOf('x')).map(({ userId }) => userId)).toEqual(['a', 'b', 'c', 'x', 'y']);
    });

    it('T7: changes nothing for a link that is there, a cycle, or an id with itself', async () => {
      const store = await makeStore();
      await link(store, 'a', 'b');
      const last = await store.lastChangeSeq();
      for (const [userId, otherId] of [
        ['a', 'b'],
        ['b', 'a'],
        ['b', 'b'],
      ] as const) {
        expect(await link(store, userId, otherId)).toEqual({ personId: 'a', changed: false });
      }
      expect(await link(store, 'alone', 'alone')).toEqual({ personId: 'alone', changed: false });
      expect(await store.lastChangeSeq()).toBe(last);
    });

    it('keeps what an id is, and takes a later word for it', async () => {
      const store = await makeStore();
      await store.link({ userId: 'a', otherId: 'b', nowMs: NOON_MS });
      await store.link({ userId: 'a', otherId: 'b', kind: 'phone', nowMs: NOON_MS });
      expect((await store.membersOf('a'))[1]).toMatchObject({ userId: 'b', kind: 'phone' });
      await link(store, 'x', 'a');
      expect((await store.membersOf('x'))[1]).toMatchObject({ userId: 'b', kind: 'phone' });
    });

    it('T7: takes a wrong link back, also of the id that the person is named after', async () => {
      const store = await makeStore();
      await link(store, 'a', 'b');
      await link(store, 'a', 'c');
      const outcome = await store.unlink({ otherId: 'b', nowMs: NOON_MS });
      expect(outcome).toEqual({ personId: 'b', changed: true });
      expect(await groups(store, 'abc')).toEqual({ a: 'a', b: 'b', c: 'a' });
      await link(store, 'a', 'b');
      expect(await store.unlink({ otherId: 'a', nowMs: NOON_MS })).toEqual({ personId: 'a', changed: true });
      expect(await groups(store, 'abc')).toEqual({ a: 'a', b: 'b', c: 'b' });
      expect(await store.membersOf('a')).toMatchObject([{ userId: 'a' }]);
      expect(await store.unlink({ otherId: 'a', nowMs: NOON_MS })).toEqual({ personId: 'a', changed: false });
    });

    it('tells of every id of a group that won or lost one, each once, at its latest change', async () => {
      const store = await makeStore();
      await link(store, 'a', 'b');
      await link(store, 'x', 'y');
      const before = await store.lastChangeSeq();
      await link(store, 'a', 'x');
      expect(await changesAfter(store, before)).toEqual({ a: 'a', b: 'a', x: 'a', y: 'a' });
      const merged = await store.lastChangeSeq();
      await store.unlink({ otherId: 'y', nowMs: NOON_MS });
      expect(await changesAfter(store, merged)).toEqual({ a: 'a', b: 'a', x: 'a', y: 'y' });
      const all = await store.changes({ afterSeq: 0, limit: 10 });
      expect(all).toHaveLength(4);
      expect(all.map(({ seq }) => seq)).toEqual(all.map(({ seq }) => seq).sort((p, q) => p - q));
      expect(await store.changes({ afterSeq: all[0]!.seq, limit: 2 })).toEqual(all.slice(1, 3));
    });

    it('T7: gives every id of a group that changed a higher seq, the one of its change', async () => {
      const store = await makeStore();
      const seqs = async (personId: string) =>
        new Map((await store.membersOf(personId)).map(({ userId, seq }) => [userId, seq ?? 0]));
      await link(store, 'a', 'b');
      const first = await seqs('a');
      await link(store, 'c', 'a');
      const second = await seqs('c');
      expect(second.get('a')).toBeGreaterThan(first.get('a')!);
      expect(second.get('b')).toBeGreaterThan(first.get('b')!);
      await store.unlink({ otherId: 'b', nowMs: NOON_MS });
      expect((await seqs('b')).get('b')).toBeGreaterThan(second.get('b')!);
      const changes = await store.changes({ afterSeq: 0, limit: 10 });
      expect(new Map(changes.map(({ userId, seq }) => [userId, seq]))).toEqual(
        new Map([...(await seqs('c')), ...(await seqs('b'))]),
      );
    });

    it('refuses a person of too many ids, and changes nothing', async () => {
      const store = await makeStore();
      for (let n = 1; n < MAX_IDS_A_PERSON; n += 1) await link(store, 'a', `id-${n}`);
      await link(store, 'x', 'y');
      await expect(link(store, 'a', 'x')).rejects.toThrow(FailedPreconditionError);
      await expect(link(store, 'x', 'a')).rejects.toThrow(FailedPreconditionError);
      expect(await store.membersOf('a')).toHaveLength(MAX_IDS_A_PERSON);
      expect(await groups(store, 'axy')).toEqual({ a: 'a', x: 'x', y: 'x' });
    });

    it('gives members of many persons at once', async () => {
      const store = await makeStore();
      await link(store, 'a', 'b');
      const members = await store.membersOfAll(['a', 'b', 'odd-\ud800', 'a']);
      expect([...members].map(([id, ids]) => [id, ids.map(({ userId }) => userId)])).toEqual([
        ['a', ['a', 'b']],
        ['b', []],
        ['odd-\ud800', ['odd-\ufffd']],
      ]);
      expect(await store.membersOfAll([])).toEqual(new Map());
    });

    it('T7: ends, for any links and unlinks, with the groups of a plain model, told by its changes', async () => {
      const store = await makeStore();
      const id = fc.constantFrom(...'abcdefgh');
      const anyStep = fc.oneof(
        { weight: 3, arbitrary: fc.record({ userId: id, otherId: id }) },
        { weight: 1, arbitrary: fc.record({ userId: fc.constant(undefined), otherId: id }) },
      );
      let run = 0;
      await fc.assert(
        fc.asyncProperty(fc.array(anyStep, { minLength: 1, maxLength: 12 }), async (steps) => {
          run += 1;
          const named = (letter: string) => `${run}-${letter}`;
          const model = new Map([...'abcdefgh'].map((letter) => [named(letter), named(letter)]));
          const followed = new Map(model);
          let position = await store.lastChangeSeq();
          for (const { userId, otherId } of steps) {
            const other = named(otherId);
            const { personId, changed } =
              userId === undefined
                ? await store.unlink({ otherId: other, nowMs: NOON_MS })
                : await link(store, named(userId), other);
            const before = new Map(model);
            if (userId === undefined) unlinkInModel(model, other);
            else linkInModel(model, named(userId), other);
            expect(personId).toBe(model.get(other));
            expect(changed).toBe([...model].some(([key, person]) => before.get(key) !== person));
          }
          expect(await store.personOf([...model.keys()])).toEqual(model);
          for (const change of await store.changes({ afterSeq: position, limit: 100 })) {
            followed.set(change.userId, change.personId);
            position = change.seq;
          }
          expect(followed).toEqual(model);
        }),
        { numRuns: 25 },
      );
    });

    it('lets links of one id from many sides finish, as one person', async () => {
      const store = await makeStore();
      const ids = Array.from({ length: 12 }, (_, n) => `id-${n}`);
      await Promise.all(ids.flatMap((id, n) => ids.slice(0, n).map((other) => link(store, id, other))));
      expect(new Set((await store.personOf(ids)).values()).size).toBe(1);
    });
  });
}

function link(store: IdentityStore, userId: string, otherId: string) {
  return store.link({ userId, otherId, nowMs: NOON_MS });
}

async function groups(store: IdentityStore, letters: string): Promise<Record<string, string>> {
  return Object.fromEntries(await store.personOf([...letters]));
}

async function changesAfter(store: IdentityStore, afterSeq: number): Promise<Record<string, string>> {
  const changes = await store.changes({ afterSeq, limit: 100 });
  return Object.fromEntries(changes.map(({ userId, personId }) => [userId, personId]));
}

function linkInModel(model: Map<string, string>, userId: string, otherId: string): void {
  const [kept, merged] = [model.get(userId)!, model.get(otherId)];
  for (const [id, person] of model) if (person === merged) model.set(id, kept);
}

function unlinkInModel(model: Map<string, string>, otherId: string): void {
  const person = model.get(otherId);
  const rest = [...model.keys()].filter((id) => id !== otherId && model.get(id) === person).sort();
  if (person === otherId) for (const id of rest) model.set(id, rest[0]!);
  model.set(otherId, otherId);
}
