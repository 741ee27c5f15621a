import { describe, expect, it } from 'vitest';
import { partitionOf } from '../../../src/core/partitions.js';
import type { Truth } from '../../../src/stores/postgres/openTruth.js';
import { aBehaviourToLog, aUser, NOON_MS } from '../../support/builders.js';
import { canRunPostgres, serverTruths } from '../../support/serverTruths.js';

/** Reads pages of `read` after the last seq seen until the writers are done and nothing more comes. */
async function follow(
  read: (afterSeq: number) => Promise<readonly { readonly seq: number }[]>,
  isWriting: () => boolean,
): Promise<number[]> {
  const seen: number[] = [];
  for (;;) {
    const wasWriting = isWriting();
    const page = await read(seen.at(-1) ?? 0);
    seen.push(...page.map(({ seq }) => seq));
    if (page.length === 0 && !wasWriting) return seen;
  }
}

describe.runIf(canRunPostgres())('writers on two pools of a PostgreSQL server', () => {
  const server = serverTruths();

  async function twoPools(): Promise<[Truth, Truth]> {
    const url = await server.postgres.createDatabase();
    return [await server.emptyTruth(url), await server.emptyTruth(url)];
  }

  it('never deadlock, and followers see every behaviour exactly once, in order', async () => {
    const truths = await twoPools();
    let writing = true;
    const writer = async (pool: number, name: string): Promise<number[]> => {
      const seqs: number[] = [];
      for (let call = 0; call < 40; call += 1) {
        const own = Array.from({ length: 1 + (call % 9) }, (_, n) =>
          aBehaviourToLog({ eventId: `${name}/${call}/${n}`, userId: `user-${(call * 31 + n) % 50}` }),
        );
        // Ids that all writers fight over, each in another order.
        const shared = ['x', 'y', 'z'].map((id) => aBehaviourToLog({ eventId: `${id}/${call}` }));
        const given = name < '1-2' ? [...own, ...shared] : [...shared.reverse(), ...own];
        const outcomes = await truths[pool]!.behaviourLog.append(given);
        for (const outcome of outcomes) if (outcome.status === 'accepted') seqs.push(outcome.seq);
      }
      return seqs;
    };
    const isWriting = (): boolean => writing;
    const followers = [
      follow((afterSeq) => truths[0].behaviourLog.read({ afterSeq, limit: 50 }), isWriting),
      follow((afterSeq) => truths[1].behaviourLog.read({ afterSeq, limit: 7 }), isWriting),
      follow(
        (afterSeq) =>
          truths[1].behaviourLog.read({ afterSeq, limit: 20, partitions: [partitionOf('user-7')] }),
        isWriting,
      ),
    ];
    const writers = [0, 1].flatMap((pool) => [0, 1, 2, 3].map((n) => writer(pool, `${pool}-${n}`)));
    const accepted = (await Promise.all(writers)).flat().sort((a, b) => a - b);
    writing = false;
    const [wide, narrow, ofOne] = await Promise.all(followers);
    expect(new Set(accepted).size).toBe(accepted.length);
    expect(wide).toEqual(accepted);
    expect(narrow).toEqual(accepted);
    const all = await truths[0].behaviourLog.read({ afterSeq: 0, limit: 10_000 });
    expect(ofOne).toEqual(
      all
        .filter(({ behaviour }) => partitionOf(behaviour.userId) === partitionOf('user-7'))
        .map(({ seq }) => seq),
    );
  });

  it('give touch entries, users and identities seqs that no follower passes', async () => {
    const truths = await twoPools();
    let writing = true;
    const isWriting = (): boolean => writing;
    const entries = follow((afterSeq) => truths[0].touchLedger.read({ afterSeq, limit: 5 }), isWriting);
    // Both streams of people with one position, as `IdentityStore.changes` says.
    const profiles = new Map<string, string>();
    const people = (async () => {
      for (let afterSeq = 0; ; ) {
        const wasWriting = isWriting();
        const throughSeq = Math.max(
          await truths[1].userStore.lastChangeSeq(),
          await truths[1].identityStore.lastChangeSeq(),
        );
        const users = await truths[1].userStore.changes({ afterSeq, limit: 10_000 });
        const identities = await truths[1].identityStore.changes({ afterSeq, limit: 10_000 });
        for (const { seq, user } of users) {
          if (seq <= throughSeq) profiles.set(`${user.userId} region`, user.region ?? '');
        }
        for (const { seq, userId, personId } of identities) {
          if (seq <= throughSeq) profiles.set(`${userId} person`, personId);
        }
        if (throughSeq === afterSeq && !wasWriting) return;
        afterSeq = throughSeq;
      }
    })();
    const writer = async (truth: Truth, name: string): Promise<void> => {
      for (let n = 0; n < 30; n += 1) {
        await truth.touchLedger.append([
          { kind: 'released', userId: `u${n}`, permitId: `${name}-${n}`, atMs: NOON_MS },
        ]);
        await truth.userStore.upsertUsers([aUser({ userId: `${name}-${n % 5}`, region: `${n}` })]);
        await truth.identityStore.link({ userId: name, otherId: `${name}-${n}`, nowMs: NOON_MS });
      }
    };
    const names = truths.flatMap((truth, pool) => [0, 1, 2].map((n) => ({ truth, name: `${pool}${n}` })));
    await Promise.all(names.map(({ truth, name }) => writer(truth, name)));
    writing = false;
    const all = await truths[0].touchLedger.read({ afterSeq: 0, limit: 1_000 });
    expect(await entries).toEqual(all.map(({ seq }) => seq));
    expect(all).toHaveLength(180);
    await people;
    for (const { name } of names) {
      for (let n = 0; n < 30; n += 1) expect(profiles.get(`${name}-${n} person`)).toBe(name);
      for (let n = 0; n < 5; n += 1) expect(profiles.get(`${name}-${n} region`)).toBe(`${25 + n}`);
    }
  });
});
