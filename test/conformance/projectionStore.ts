import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { PARTITIONS, partitionOf } from '../../src/core/partitions.js';
import { joinHistories, packHistory, recordsOf, unpackHistory } from '../../src/projection/packedHistory.js';
import { MAX_USERS_A_STEP } from '../../src/projection/projectionSteps.js';
import type { ProjectionOutcome, ProjectionStore } from '../../src/projection/projectionStore.js';
import { MemoryProjectionStore } from '../../src/stores/memory/memoryProjectionStore.js';
import { someBehaviour } from '../projection/packedBehaviours.js';
import { aBehaviour, aContext, NOON_MS } from '../support/builders.js';

/** One projection store as two servers hold it. */
export interface SharedProjectionStore {
  readonly stores: readonly [ProjectionStore, ProjectionStore];
  /** What FLUSHALL does, or a restart without data. */
  loseEverything(): Promise<void>;
}

const P = 17;
const LONG_MS = 60_000;
const START = { appliedSeq: 0, profileSeq: 0, ledgerSeq: 0, learnedSeq: 0 };

/** Ids of people of one partition. */
export function usersOf(partition: number, count: number): string[] {
  const users: string[] = [];
  for (let i = 0; users.length < count; i++) {
    if (partitionOf(`user-${i}`) === partition) users.push(`user-${i}`);
  }
  return users;
}

const [ANN, BO, CY] = usersOf(P, 3) as [string, string, string];
const unknownShop = () => undefined;

/** A history of browses of products named by numbers, each at a second of its own. */
const bytes = (...products: number[]): Uint8Array =>
  packHistory(
    products.map((product) => ({
      behaviour: aBehaviour({
        productId: String(product),
        occurredAtMs: NOON_MS + ((product * 7_919) % 5_000) * 1_000,
      }),
      context: aContext(),
    })),
    unknownShop,
  );

/** The products of a history, in its order. */
const plain = (history: Uint8Array | undefined): number[] =>
  unpackHistory(history ?? NOTHING, { userId: 'any', shopOf: unknownShop }).map(({ behaviour }) =>
    Number(behaviour.productId),
  );
const NOTHING = new Uint8Array(0);

const byA = { partition: P, owner: 'server-a' };
const byB = { partition: P, owner: 'server-b' };
const nothing = new Map<string, Uint8Array>();
const one = (userId: string, ...values: number[]) => new Map([[userId, bytes(...values)]]);

/** What every back end of the projection store must do. `share` gives an empty one. */
export function projectionStoreConformance(name: string, share: () => Promise<SharedProjectionStore>): void {
  describe(`${name} as a projection store`, () => {
    let store: ProjectionStore;
    let other: ProjectionStore;
    let loseEverything: () => Promise<void>;
    beforeEach(async () => {
      ({
        stores: [store, other],
        loseEverything,
      } = await share());
    });

    const lease = (ttlMs = LONG_MS) => store.lease({ ...byA, ttlMs });
    const position = async () => (await other.positions([P]))[0];
    const historyOf = async (userId: string) => plain((await other.readUsers([userId]))[0]?.history);
    const applied = async (...outcomes: Promise<ProjectionOutcome>[]) => {
      for (const outcome of outcomes) expect(await outcome).toBe('applied');
    };

    describe('reading', () => {
      it('knows nothing of a user it was never told of', async () => {
        expect(await store.readUsers([ANN])).toEqual([{ history: expect.anything(), position: START }]);
        expect(await historyOf(ANN)).toEqual([]);
        expect(await store.positions([P, 0, 63])).toEqual([START, START, START]);
        expect(await store.countHistories(P)).toBe(0);
        expect(await scanned(store, P)).toEqual(new Map());
        expect(await store.readUsers([])).toEqual([]);
        expect(await store.positions([])).toEqual([]);
      });

      it('answers for users of all partitions in the order asked, one asked twice both times', async () => {
        const users = Array.from(
          { length: PARTITIONS },
          (_, partition) => usersOf(partition, 1)[0] as string,
        );
        await Promise.all(
          users.map(async (userId, partition) => {
            await store.lease({ partition, owner: 'server-a', ttlMs: LONG_MS });
            const step = { partition, owner: 'server-a', fromSeq: 0, toSeq: partition + 1 };
            await applied(store.append(step, one(userId, partition)));
          }),
        );
        const asked = [...users.toReversed(), users[0] as string, 'nobody'];
        const read = await other.readUsers(asked);
        expect(read.map(({ history }) => plain(history))).toEqual(
          asked.map((userId) => (userId === 'nobody' ? [] : [partitionOf(userId)])),
        );
        expect(read.map(({ position: { appliedSeq } }) => appliedSeq)).toEqual(
          asked.map((userId) => partitionOf(userId) + 1),
        );
        const partitions = users.map((_, partition) => partition);
        expect((await other.positions(partitions)).map(({ appliedSeq }) => appliedSeq)).toEqual(
          partitions.map((partition) => partition + 1),
        );
      });

      it('reads thousands of users of a partition at once', async () => {
        await lease();
        const users = usersOf(P, 2_500);
        await applied(store.append({ ...byA, fromSeq: 0, toSeq: 1 }, one(users[2_222] as string, 9)));
        const read = await other.readUsers(users);
        expect(read).toHaveLength(users.length);
        expect(plain(read[2_222]?.history)).toEqual([9]);
      });

      it('keeps every profile to the letter, of every id that is one', async () => {
        const odd = ['张三', 'a b', '{p3}', 'a:b', '"', '\\', 'é', '1e3', '007', 'x'.repeat(128)];
        for (const [i, userId] of odd.entries()) {
          const own = { partition: partitionOf(userId), owner: 'server-a' };
          await store.lease({ ...own, ttlMs: LONG_MS });
          const fromSeq = (await store.positions([own.partition]))[0]?.appliedSeq ?? 0;
          const step = { ...own, fromSeq, toSeq: fromSeq + 1 };
          await applied(
            store.append(step, one(userId, i)),
            store.putProfiles(step, new Map([[userId, `{"name":"${userId}"}`]])),
          );
        }
        expect(await other.readProfiles(['nobody', ...odd])).toEqual([
          undefined,
          ...odd.map((userId) => `{"name":"${userId}"}`),
        ]);
        for (const [i, { history, profile }] of (await other.readUsers(odd)).entries()) {
          expect(plain(history)).toEqual([i]);
          expect(profile).toBe(`{"name":"${odd[i]}"}`);
        }
      });

      it('gives back any behaviours as they were appended, in their order', async () => {
        await lease();
        let fromSeq = 0;
        let expected: Uint8Array = NOTHING;
        await fc.assert(
          fc.asyncProperty(fc.array(someBehaviour, { maxLength: 3 }), fc.boolean(), async (some, apart) => {
            const addition = apart
              ? Buffer.concat(some.map((behaviour) => packHistory([behaviour], unknownShop)))
              : packHistory(some, unknownShop);
            await applied(store.append({ ...byA, fromSeq, toSeq: fromSeq + 1 }, new Map([[ANN, addition]])));
            fromSeq += 1;
            expected = joinHistories(expected, addition);
            const [ann] = await other.readUsers([ANN]);
            expect(Buffer.compare(joinHistories(ann?.history ?? NOTHING), expected)).toBe(0);
          }),
          // Each run goes on where the one before it ended: shrinking would begin somewhere else.
          { numRuns: 150, endOnFailure: true },
        );
      });

      it('lists the histories of a partition in pages, those of no other', async () => {
        await lease();
        const users = usersOf(P, 900);
        let fromSeq = 0;
        for (let start = 0; start < users.length; start += MAX_USERS_A_STEP) {
          const additions = new Map(
            users.slice(start, start + MAX_USERS_A_STEP).map((userId, i) => [userId, bytes(i % 7, 255)]),
          );
          await applied(store.append({ ...byA, fromSeq, toSeq: fromSeq + 1 }, additions));
          fromSeq += 1;
        }
        const found = await scanned(other, P);
        expect([...found.keys()].sort()).toEqual([...users].sort());
        expect(found.get(users[203] as string)).toEqual([3, 255]);
        expect(await other.countHistories(P)).toBe(900);
        expect(await other.countHistories(P + 1)).toBe(0);
      });
    });

    describe('leases', () => {
      it('has one owner at a time; asked again, the owner renews', async () => {
        expect(await lease()).toEqual(START);
        expect(await other.lease({ ...byB, ttlMs: LONG_MS })).toBeUndefined();
        expect(await lease()).toEqual(START);
        expect(await other.lease({ ...byB, partition: P + 1, ttlMs: LONG_MS })).toEqual(START);
      });

      it('gives a partition to one of many who ask at once', async () => {
        const asked = Array.from({ length: 20 }, (_, i) =>
          [store, other][i % 2]?.lease({ partition: P, owner: `server-${i}`, ttlMs: LONG_MS }),
        );
        const got = (await Promise.all(asked)).filter((answer) => answer !== undefined);
        expect(got).toHaveLength(1);
      });

      it('ends by itself: another takes over where the partition stands, and the first has lost it', async () => {
        await lease(80);
        await applied(store.append({ ...byA, fromSeq: 0, toSeq: 5 }, one(ANN, 1)));
        await sleep(120);
        expect(await store.append({ ...byA, fromSeq: 5, toSeq: 6 }, one(ANN, 2))).toBe('lost');
        expect(await other.lease({ ...byB, ttlMs: LONG_MS })).toEqual({ ...START, appliedSeq: 5 });
        expect(await lease()).toBeUndefined();
        expect(await store.append({ ...byA, fromSeq: 5, toSeq: 6 }, one(ANN, 3))).toBe('lost');
        await applied(other.append({ ...byB, fromSeq: 5, toSeq: 6 }, one(ANN, 4)));
        expect(await historyOf(ANN)).toEqual([1, 4]);
      });

      it('lasts longer once renewed', async () => {
        await lease(80);
        await lease(LONG_MS);
        await sleep(120);
        expect(await other.lease({ ...byB, ttlMs: LONG_MS })).toBeUndefined();
      });

      it('can be seized by an operator', async () => {
        await lease();
        await applied(store.append({ ...byA, fromSeq: 0, toSeq: 3 }, one(ANN, 1)));
        expect(await other.seizeLease({ ...byB, ttlMs: LONG_MS })).toEqual({ ...START, appliedSeq: 3 });
        expect(await store.append({ ...byA, fromSeq: 3, toSeq: 4 }, one(ANN, 2))).toBe('lost');
        expect(await lease()).toBeUndefined();
      });

      it('is given up by its owner, and by nobody else', async () => {
        await lease();
        await other.release(byB);
        expect(await other.lease({ ...byB, ttlMs: LONG_MS })).toBeUndefined();
        await store.release(byA);
        await store.release(byA);
        expect(await other.lease({ ...byB, ttlMs: LONG_MS })).toEqual(START);
      });

      it('counts the owners that say they are alive', async () => {
        expect(await store.announce({ owner: 'server-a', ttlMs: LONG_MS })).toBe(1);
        expect(await other.announce({ owner: 'server-b', ttlMs: 80 })).toBe(2);
        expect(await store.announce({ owner: 'server-a', ttlMs: LONG_MS })).toBe(2);
        await sleep(120);
        expect(await store.announce({ owner: 'server-a', ttlMs: LONG_MS })).toBe(1);
      });
    });

    describe('steps', () => {
      it('append to what is there, in order, and move the position with it', async () => {
        await lease();
        const both = new Map([
          [ANN, bytes(1, 2)],
          [BO, bytes(3)],
        ]);
        await applied(store.append({ ...byA, fromSeq: 0, toSeq: 7 }, both));
        await applied(store.append({ ...byA, fromSeq: 7, toSeq: 9 }, one(ANN, 0, 255)));
        await applied(store.append({ ...byA, fromSeq: 9, toSeq: 12 }, nothing));
        expect(await historyOf(ANN)).toEqual([1, 2, 0, 255]);
        expect(await historyOf(BO)).toEqual([3]);
        expect(await position()).toEqual({ ...START, appliedSeq: 12 });
      });

      it('leave nobody a history to whom nothing was added', async () => {
        await lease();
        await applied(store.append({ ...byA, fromSeq: 0, toSeq: 1 }, one(ANN)));
        expect(await store.countHistories(P)).toBe(0);
      });

      it('of two owners at once are applied once', async () => {
        await lease();
        for (let round = 0; round < 20; round++) {
          // Whichever comes first: a step, a seizure, a step of the one who seized.
          const seized = other.seizeLease({ ...(round % 2 === 0 ? byB : byA), ttlMs: LONG_MS });
          const addition = one(ANN, round);
          const steps = [
            store.append({ ...byA, fromSeq: round, toSeq: round + 1 }, addition),
            other.append({ ...byB, fromSeq: round, toSeq: round + 1 }, addition),
            store.append({ ...byA, fromSeq: round, toSeq: round + 1 }, addition),
          ];
          await seized;
          const outcomes = await Promise.all(steps);
          expect(outcomes.filter((outcome) => outcome === 'applied').length).toBeLessThanOrEqual(1);
          const owner = round % 2 === 0 ? byB : byA;
          await other.append({ ...owner, fromSeq: round, toSeq: round + 1 }, addition);
          expect((await position())?.appliedSeq).toBe(round + 1);
        }
        expect(await historyOf(ANN)).toEqual(Array.from({ length: 20 }, (_, round) => round));
      });

      it('sent again after a lost answer are lost, and change nothing', async () => {
        await lease();
        await store.startDraft(byA);
        const step = { ...byA, fromSeq: 0, toSeq: 4 };
        const steps = [
          () => store.append(step, one(ANN, 1)),
          () => store.putProfiles(step, new Map([[ANN, '{}']])),
          () => store.moveLedger(step),
          () => store.moveLearned(step),
          () => store.appendToDraft(step, one(ANN, 1, 2)),
          () => store.swapDraft({ ...byA, fromSeq: 4 }),
        ];
        for (const send of steps) expect([await send(), await send()]).toEqual(['applied', 'lost']);
        expect(await historyOf(ANN)).toEqual([1, 2]);
        expect(await position()).toEqual({ appliedSeq: 4, profileSeq: 4, ledgerSeq: 4, learnedSeq: 4 });
      });

      it('change nothing without the lease, or from another place than expected', async () => {
        await lease();
        await store.startDraft(byA);
        await applied(
          store.append({ ...byA, fromSeq: 0, toSeq: 5 }, one(ANN, 1)),
          store.putProfiles({ ...byA, fromSeq: 0, toSeq: 5 }, new Map([[ANN, 'old']])),
          store.moveLedger({ ...byA, fromSeq: 0, toSeq: 5 }),
          store.moveLearned({ ...byA, fromSeq: 0, toSeq: 5 }),
          store.appendToDraft({ ...byA, fromSeq: 0, toSeq: 5 }, one(ANN, 7)),
        );
        const profile = new Map([[ANN, 'new']]);
        const wrong = [
          { ...byB, fromSeq: 5, toSeq: 9 },
          { ...byA, fromSeq: 0, toSeq: 9 },
          { ...byA, fromSeq: 6, toSeq: 9 },
          { ...byA, partition: P + 1, fromSeq: 0, toSeq: 9 },
        ];
        const elsewhere = new Map([[usersOf(P + 1, 1)[0] as string, bytes(9)]]);
        for (const step of wrong) {
          const own = step.partition === P;
          const addition = own ? one(ANN, 9) : elsewhere;
          expect(await other.append(step, addition)).toBe('lost');
          expect(await other.replaceHistories(step, addition)).toBe('lost');
          expect(await other.putProfiles(step, own ? profile : new Map())).toBe('lost');
          expect(await other.moveLedger(step)).toBe('lost');
          expect(await other.moveLearned(step)).toBe('lost');
          expect(await other.appendToDraft(step, addition)).toBe('lost');
          expect(await other.swapDraft(step)).toBe('lost');
        }
        for (const stranger of [byB, { ...byA, partition: P + 1 }]) {
          expect(await other.startDraft(stranger)).toBe('lost');
          expect(await other.declareReady({ ...stranger, epoch: 'mine', appliedSeq: 5, ledgerSeq: 5 })).toBe(
            'lost',
          );
        }
        const stands = { appliedSeq: 5, profileSeq: 5, ledgerSeq: 5, learnedSeq: 5 };
        expect(await other.positions([P, P + 1])).toEqual([stands, START]);
        const [ann] = await other.readUsers([ANN]);
        expect([plain(ann?.history), ann?.profile]).toEqual([[1], 'old']);
        // The draft is where it was, too.
        await applied(store.swapDraft({ ...byA, fromSeq: 5 }));
        expect(await historyOf(ANN)).toEqual([7]);
      });

      it('move each stream by itself', async () => {
        await lease();
        await applied(store.putProfiles({ ...byA, fromSeq: 0, toSeq: 2 }, new Map([[BO, '{"a":1}']])));
        await applied(store.putProfiles({ ...byA, fromSeq: 2, toSeq: 3 }, new Map([[BO, '{"a":2}']])));
        await applied(store.moveLedger({ ...byA, fromSeq: 0, toSeq: 8 }));
        await applied(store.moveLearned({ ...byA, fromSeq: 0, toSeq: 6 }));
        await applied(store.append({ ...byA, fromSeq: 0, toSeq: 4 }, one(ANN, 1)));
        const stands = { appliedSeq: 4, profileSeq: 3, ledgerSeq: 8, learnedSeq: 6 };
        const [ann, bo] = await other.readUsers([ANN, BO]);
        expect(ann).toEqual({ history: expect.anything(), position: stands });
        expect(bo).toEqual({ history: expect.anything(), profile: '{"a":2}', position: stands });
        expect(plain(bo?.history)).toEqual([]);
      });

      it('replace long histories without moving, unless something came in between', async () => {
        await lease();
        await applied(store.append({ ...byA, fromSeq: 0, toSeq: 3 }, one(ANN, 1, 2, 3)));
        await applied(store.append({ ...byA, fromSeq: 3, toSeq: 4 }, one(BO, 4)));
        const shorter = new Map([
          [ANN, bytes(2, 3)],
          [BO, bytes()],
        ]);
        expect(await store.replaceHistories({ ...byA, fromSeq: 3 }, shorter)).toBe('lost');
        await applied(store.replaceHistories({ ...byA, fromSeq: 4 }, shorter));
        await applied(store.replaceHistories({ ...byA, fromSeq: 4 }, shorter));
        expect([await historyOf(ANN), await historyOf(BO)]).toEqual([[2, 3], []]);
        expect(await store.countHistories(P)).toBe(1);
        expect(await position()).toEqual({ ...START, appliedSeq: 4 });
      });

      it('take so many users and no more, of their own partition, and forwards', async () => {
        await lease();
        const users = usersOf(P, MAX_USERS_A_STEP + 1);
        const additions = new Map(users.map((userId) => [userId, bytes(1)]));
        const step = { ...byA, fromSeq: 0, toSeq: 1 };
        await expect(store.append(step, additions)).rejects.toThrow(RangeError);
        await expect(store.appendToDraft(step, additions)).rejects.toThrow(RangeError);
        await expect(store.replaceHistories(step, additions)).rejects.toThrow(RangeError);
        const profiles = new Map(users.map((userId) => [userId, '{}']));
        await expect(store.putProfiles(step, profiles)).rejects.toThrow(RangeError);
        const stranger = one(usersOf(P + 1, 1)[0] as string, 1);
        await expect(store.append(step, stranger)).rejects.toThrow(RangeError);
        await expect(store.moveLedger({ ...byA, fromSeq: 1, toSeq: 0 })).rejects.toThrow(RangeError);
        additions.delete(users[0] as string);
        await applied(store.append(step, additions));
        expect(await store.countHistories(P)).toBe(MAX_USERS_A_STEP);
      });
    });

    describe('a draft', () => {
      it('is invisible until it is swapped in, and then all there is', async () => {
        await lease();
        await applied(store.append({ ...byA, fromSeq: 0, toSeq: 3 }, one(ANN, 1)));
        await applied(store.append({ ...byA, fromSeq: 3, toSeq: 5 }, one(BO, 2)));
        await applied(store.putProfiles({ ...byA, fromSeq: 0, toSeq: 6 }, new Map([[ANN, 'kept']])));
        await applied(store.declareReady({ ...byA, epoch: 'first', appliedSeq: 5, ledgerSeq: 0 }));
        await applied(store.startDraft(byA));
        await applied(store.appendToDraft({ ...byA, fromSeq: 0, toSeq: 4 }, one(ANN, 7)));
        await applied(store.appendToDraft({ ...byA, fromSeq: 4, toSeq: 9 }, one(CY, 8)));
        // The live histories go on meanwhile.
        await applied(store.append({ ...byA, fromSeq: 5, toSeq: 6 }, one(ANN, 3)));
        expect(await historyOf(ANN)).toEqual([1, 3]);
        expect(await historyOf(CY)).toEqual([]);
        expect((await position())?.appliedSeq).toBe(6);
        expect(await scanned(other, P)).toEqual(
          new Map([
            [ANN, [1, 3]],
            [BO, [2]],
          ]),
        );

        expect(await store.swapDraft({ ...byA, fromSeq: 4 })).toBe('lost');
        await applied(store.swapDraft({ ...byA, fromSeq: 9 }));
        expect(await position()).toEqual({ ...START, appliedSeq: 9, profileSeq: 6, epoch: 'first' });
        expect(await scanned(other, P)).toEqual(
          new Map([
            [ANN, [7]],
            [CY, [8]],
          ]),
        );
        expect((await other.readUsers([ANN]))[0]?.profile).toBe('kept');
        await applied(store.append({ ...byA, fromSeq: 9, toSeq: 10 }, one(ANN, 5)));
        expect(await historyOf(ANN)).toEqual([7, 5]);
      });

      it('begins empty, whatever an older one held', async () => {
        await lease();
        await applied(store.startDraft(byA));
        await applied(store.appendToDraft({ ...byA, fromSeq: 0, toSeq: 4 }, one(ANN, 7)));
        await applied(store.startDraft(byA));
        expect(await store.appendToDraft({ ...byA, fromSeq: 4, toSeq: 5 }, one(ANN, 8))).toBe('lost');
        await applied(store.appendToDraft({ ...byA, fromSeq: 0, toSeq: 5 }, one(BO, 8)));
        await applied(store.swapDraft({ ...byA, fromSeq: 5 }));
        expect(await scanned(other, P)).toEqual(new Map([[BO, [8]]]));
      });

      it('that was never begun, or was swapped in, takes no step', async () => {
        await lease();
        expect(await store.appendToDraft({ ...byA, fromSeq: 0, toSeq: 1 }, one(ANN, 1))).toBe('lost');
        expect(await store.swapDraft({ ...byA, fromSeq: 0 })).toBe('lost');
        await applied(store.startDraft(byA));
        await applied(store.swapDraft({ ...byA, fromSeq: 0 }));
        expect(await store.appendToDraft({ ...byA, fromSeq: 0, toSeq: 1 }, one(ANN, 1))).toBe('lost');
        expect(await historyOf(ANN)).toEqual([]);
      });

      it('swapped in empty leaves no history', async () => {
        await lease();
        await applied(store.append({ ...byA, fromSeq: 0, toSeq: 3 }, one(ANN, 1)));
        await applied(store.startDraft(byA));
        await applied(store.appendToDraft({ ...byA, fromSeq: 0, toSeq: 3 }, nothing));
        await applied(store.swapDraft({ ...byA, fromSeq: 3 }));
        expect(await store.countHistories(P)).toBe(0);
        expect(await position()).toEqual({ ...START, appliedSeq: 3 });
      });
    });

    describe('trust', () => {
      it('has one epoch, from the first who declares the partition whole', async () => {
        await lease();
        expect(await position()).toEqual(START);
        await applied(store.declareReady({ ...byA, epoch: 'first', appliedSeq: 0, ledgerSeq: 0 }));
        await applied(store.declareReady({ ...byA, epoch: 'second', appliedSeq: 0, ledgerSeq: 0 }));
        expect(await position()).toEqual({ ...START, epoch: 'first' });
        expect(await lease()).toEqual({ ...START, epoch: 'first' });
        expect((await other.readUsers([ANN]))[0]?.position.epoch).toBe('first');
        expect((await other.positions([P + 1]))[0]).toEqual(START);
      });

      it('is not declared where the builder did not leave it', async () => {
        await lease();
        await applied(store.append({ ...byA, fromSeq: 0, toSeq: 3 }, one(ANN, 1)));
        await applied(store.moveLedger({ ...byA, fromSeq: 0, toSeq: 8 }));
        for (const [appliedSeq, ledgerSeq] of [
          [0, 8],
          [4, 8],
          [3, 0],
          [3, 9],
        ] as const) {
          expect(await store.declareReady({ ...byA, epoch: 'first', appliedSeq, ledgerSeq })).toBe('lost');
        }
        expect((await position())?.epoch).toBeUndefined();
        await applied(store.declareReady({ ...byA, epoch: 'first', appliedSeq: 3, ledgerSeq: 8 }));
        // Lost during the build: the lease is taken anew, and the partition is empty.
        await loseEverything();
        await lease();
        expect(await store.declareReady({ ...byA, epoch: 'first', appliedSeq: 3, ledgerSeq: 8 })).toBe(
          'lost',
        );
      });

      it('is gone with the data: positions 0, no epoch, no lease, and steps of before are lost', async () => {
        await lease();
        await applied(store.append({ ...byA, fromSeq: 0, toSeq: 3 }, one(ANN, 1)));
        const built = { ...byA, epoch: 'first', appliedSeq: 3, ledgerSeq: 0 };
        await applied(store.declareReady(built), store.startDraft(byA));
        await loseEverything();
        expect(await other.positions([P])).toEqual([START]);
        expect(await historyOf(ANN)).toEqual([]);
        expect(await store.append({ ...byA, fromSeq: 3, toSeq: 4 }, one(ANN, 2))).toBe('lost');
        expect(await store.append({ ...byA, fromSeq: 0, toSeq: 4 }, one(ANN, 2))).toBe('lost');
        expect(await store.appendToDraft({ ...byA, fromSeq: 0, toSeq: 4 }, one(ANN, 2))).toBe('lost');
        expect(await store.declareReady(built)).toBe('lost');
        expect(await lease()).toEqual(START);
        expect(await store.append({ ...byA, fromSeq: 3, toSeq: 4 }, one(ANN, 2))).toBe('lost');
        await applied(store.append({ ...byA, fromSeq: 0, toSeq: 4 }, one(ANN, 2)));
        expect(await historyOf(ANN)).toEqual([2]);
      });
    });

    it('shows readers history and position of one moment, while steps and swaps go on', async () => {
      await lease();
      // Every step and every draft gives each of them a behaviour for each seq.
      const users = usersOf(P, 5);
      const additions = (count: number) => {
        const behaviours = bytes(...Array.from({ length: count }, () => 0));
        return new Map(users.map((userId) => [userId, behaviours]));
      };
      let writing = true;
      let reads = 0;
      const read = async (): Promise<void> => {
        while (writing) {
          for (const { history, position: stood } of await other.readUsers(users)) {
            expect(recordsOf(history)).toHaveLength(stood.appliedSeq);
          }
          reads += 1;
          // A store in this process answers at once: let the writer have its turn.
          await turn();
        }
      };
      const readers = Promise.all([read(), read()]);
      try {
        for (let seq = 0; seq < 150; seq += 3) {
          await applied(store.append({ ...byA, fromSeq: seq, toSeq: seq + 2 }, additions(2)));
          await applied(store.append({ ...byA, fromSeq: seq + 2, toSeq: seq + 4 }, additions(2)));
          // A draft may stand behind what it replaces.
          await applied(store.startDraft(byA));
          await applied(store.appendToDraft({ ...byA, fromSeq: 0, toSeq: seq + 3 }, additions(seq + 3)));
          await applied(store.swapDraft({ ...byA, fromSeq: seq + 3 }));
          await sleep(1);
        }
      } finally {
        writing = false;
      }
      await readers;
      expect(reads).toBeGreaterThan(50);
    });

    it('does what the reference does, whatever steps two owners try', async () => {
      await fc.assert(
        fc
          .asyncProperty(fc.array(someAttempt, { minLength: 1, maxLength: 25 }), async (attempts) => {
            const reference = new MemoryProjectionStore();
            for (const attempt of attempts) expect(await attempt(store)).toEqual(await attempt(reference));
            for (const read of [
              (from: ProjectionStore) => from.positions([P]),
              async (from: ProjectionStore) =>
                (await from.readUsers([ANN, BO])).map((user) => ({ ...user, history: plain(user.history) })),
              (from: ProjectionStore) => scanned(from, P),
              (from: ProjectionStore) => from.countHistories(P),
            ]) {
              expect(await read(other)).toEqual(await read(reference));
            }
          })
          .beforeEach(async () => {
            await loseEverything();
          }),
        { numRuns: 40 },
      );
    });
  });
}

async function scanned(store: ProjectionStore, partition: number): Promise<Map<string, number[]>> {
  const found = new Map<string, number[]>();
  for await (const page of store.scanHistories(partition)) {
    expect(page.size).toBeGreaterThan(0);
    for (const [userId, history] of page) found.set(userId, plain(history));
  }
  return found;
}

const someOwner = fc.constantFrom(byA, byA, byA, byB);
const someStep = fc
  .record({ owner: someOwner, fromSeq: fc.nat(3), forward: fc.nat(2) })
  .map(({ owner, fromSeq, forward }) => ({ ...owner, fromSeq, toSeq: fromSeq + forward }));
const someAdditions = fc
  .array(fc.tuple(fc.constantFrom(ANN, BO), fc.array(fc.nat(255), { maxLength: 3 })), { maxLength: 2 })
  .map((entries) => new Map(entries.map(([userId, products]) => [userId, bytes(...products)])));

/** One call, of any kind, that may succeed or be lost. */
const someAttempt: fc.Arbitrary<(store: ProjectionStore) => Promise<unknown>> = fc.oneof(
  someOwner.map((own) => (store: ProjectionStore) => store.lease({ ...own, ttlMs: LONG_MS })),
  fc.constant((store: ProjectionStore) => store.seizeLease({ ...byB, ttlMs: LONG_MS })),
  someOwner.map((own) => (store: ProjectionStore) => store.release(own)),
  {
    weight: 4,
    arbitrary: fc.tuple(someStep, someAdditions).map(
      ([step, additions]) =>
        (store: ProjectionStore) =>
          store.append(step, additions),
    ),
  },
  fc.tuple(someStep, someAdditions).map(
    ([step, histories]) =>
      (store: ProjectionStore) =>
        store.replaceHistories(step, histories),
  ),
  fc.tuple(someStep, fc.constantFrom(ANN, BO), fc.string()).map(
    ([step, userId, text]) =>
      (store: ProjectionStore) =>
        store.putProfiles(step, new Map([[userId, JSON.stringify(text)]])),
  ),
  someStep.map((step) => (store: ProjectionStore) => store.moveLedger(step)),
  someStep.map((step) => (store: ProjectionStore) => store.moveLearned(step)),
  someOwner.map((own) => (store: ProjectionStore) => store.startDraft(own)),
  fc.tuple(someStep, someAdditions).map(
    ([step, additions]) =>
      (store: ProjectionStore) =>
        store.appendToDraft(step, additions),
  ),
  someStep.map((step) => (store: ProjectionStore) => store.swapDraft(step)),
  fc.tuple(someStep, fc.constantFrom('first', 'second')).map(
    ([{ partition, owner, fromSeq, toSeq }, epoch]) =>
      (store: ProjectionStore) =>
        store.declareReady({ partition, owner, epoch, appliedSeq: fromSeq, ledgerSeq: toSeq }),
  ),
);
