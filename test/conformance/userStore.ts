import { describe, expect, it } from 'vitest';
import type { User } from '../../src/identity/user.js';
import type { UserStore } from '../../src/identity/userStore.js';
import { aUser } from '../support/builders.js';

/** What every `UserStore` promises. `makeStore` answers an empty one each time. */
export function userStoreConformance(name: string, makeStore: () => Promise<UserStore>): void {
  describe(`the user store on ${name}`, () => {
    it('starts empty and does not know anybody', async () => {
      const store = await makeStore();
      await store.upsertUsers([]);
      expect(await store.getUser('user-1')).toBeUndefined();
      expect(await store.count()).toBe(0);
      expect(await collect(store.allUsers())).toEqual([]);
    });

    it('gives back what was written, with absent fields absent', async () => {
      const store = await makeStore();
      const known = aUser({
        gender: 'female',
        ageBand: '25-29',
        region: '浙江',
        timezone: 'Asia/Shanghai',
        attributes: { 'tier "gold"': 'a\\b', __proto__x: 'y', empty: '' },
      });
      const unknown = aUser({ userId: 'user-2' });
      await store.upsertUsers([known, unknown]);
      expect(await store.getUser('user-1')).toStrictEqual(known);
      expect(await store.getUser('user-2')).toStrictEqual(unknown);
    });

    it('replaces a user as a whole: what is no longer told is forgotten', async () => {
      const store = await makeStore();
      await store.upsertUsers([aUser({ gender: 'male', attributes: { a: '1' } })]);
      await store.upsertUsers([aUser({ region: 'north', attributes: { b: '2' } })]);
      expect(await store.getUser('user-1')).toStrictEqual(aUser({ region: 'north', attributes: { b: '2' } }));
      expect(await store.count()).toBe(1);
    });

    it('keeps the later of the same user twice in a call', async () => {
      const store = await makeStore();
      await store.upsertUsers([
        aUser({ region: 'first' }),
        aUser({ userId: 'other' }),
        aUser({ region: 'later' }),
      ]);
      expect((await store.getUser('user-1'))?.region).toBe('later');
      expect(await store.count()).toBe(2);
    });

    it('lists all users by id, in pages, each once', async () => {
      const store = await makeStore();
      const users = Array.from({ length: 2_300 }, (_, index) =>
        aUser({ userId: `u${(index * 7_919) % 2_300}` }),
      );
      await store.upsertUsers([...users, aUser({ userId: 'é' }), aUser({ userId: 'Z' })]);
      const listed = (await collect(store.allUsers())).map(({ userId }) => userId);
      expect(listed).toEqual([...users.map(({ userId }) => userId), 'é', 'Z'].sort());
      expect(await store.count()).toBe(2_302);
    });

    it('writes all of a call or nothing of it', async () => {
      const store = await makeStore();
      const call = [aUser({ userId: 'good' }), aUser({ userId: 'bad', region: 'a\u0000b' })];
      await expect(store.upsertUsers(call)).rejects.toThrow();
      expect(await store.getUser('good')).toBeUndefined();
    });

    it('lets concurrent calls for the same users finish, the outcome being one of them', async () => {
      const store = await makeStore();
      const ids = Array.from({ length: 40 }, (_, index) => `user-${index}`);
      await Promise.all(
        Array.from({ length: 8 }, (_, call) => {
          const users = ids.map((userId) => aUser({ userId, region: `call-${call}` }));
          return store.upsertUsers(call % 2 === 0 ? users : users.reverse());
        }),
      );
      const regions = new Set((await collect(store.allUsers())).map(({ region }) => region));
      expect(regions.size).toBe(1);
    });

    it('gets many at once: those it knows, under the ids that were asked for', async () => {
      const store = await makeStore();
      expect(await store.getUsers([])).toEqual(new Map());
      await store.upsertUsers([aUser({ region: 'north' }), aUser({ userId: 'odd-\ud800' })]);
      const found = await store.getUsers(['user-1', 'nobody', 'odd-\ud800', 'user-1']);
      expect(found).toEqual(
        new Map([
          ['user-1', aUser({ region: 'north' })],
          ['odd-\ud800', aUser({ userId: 'odd-\ufffd' })],
        ]),
      );
    });

    it('tells each user once, at the latest change, in rising seq', async () => {
      const store = await makeStore();
      expect(await store.changes({ afterSeq: 0, limit: 10 })).toEqual([]);
      expect(await store.lastChangeSeq()).toBe(0);
      await store.upsertUsers(['a', 'b', 'c'].map((userId) => aUser({ userId })));
      const before = await store.changes({ afterSeq: 0, limit: 2 });
      expect(before.map(({ user }) => user.userId)).toEqual(['a', 'b']);
      await store.upsertUsers([aUser({ userId: 'a', region: 'north' })]);
      const after = await store.changes({ afterSeq: before[1]!.seq, limit: 10 });
      expect(after.map(({ user }) => user)).toEqual([
        aUser({ userId: 'c' }),
        aUser({ userId: 'a', region: 'north' }),
      ]);
      expect(after[1]!.seq).toBeGreaterThan(after[0]!.seq);
      expect(await store.lastChangeSeq()).toBe(after[1]!.seq);
    });

    it('has no change to tell of what was written again', async () => {
      const store = await makeStore();
      await store.upsertUsers([aUser({ region: 'north', attributes: { a: '1', b: '2' } })]);
      const last = await store.lastChangeSeq();
      await store.upsertUsers([aUser({ region: 'north', attributes: { b: '2', a: '1' } })]);
      expect(await store.lastChangeSeq()).toBe(last);
    });
  });
}

async function collect(pages: AsyncIterable<User[]>): Promise<User[]> {
  const users: User[] = [];
  for await (const page of pages) {
    if (page.length === 0) throw new Error('an empty page');
    users.push(...page);
  }
  return users;
}
