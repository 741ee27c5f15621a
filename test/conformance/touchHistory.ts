import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Channel } from '../../src/core/vocabulary.js';
import type { Truth } from '../../src/stores/postgres/openTruth.js';
import { newPermitId } from '../../src/touch/permitId.js';
import type { ReachedTouch } from '../../src/touch/reachedTouches.js';
import { TOUCH_OUTCOMES, type TouchOutcome } from '../../src/touch/touch.js';
import type { ReservedEntry, TouchLedgerEntry } from '../../src/touch/touchLedger.js';
import { NOON_MS } from '../support/builders.js';
import { plainEvidence, plainHistory, plainIds, plainReached } from '../touch/plainHistory.js';

const END = { atMs: Number.MAX_SAFE_INTEGER, seq: 0 };

type TouchTruth = Pick<Truth, 'touchLedger' | 'reachedTouches'>;

/** What every truth promises about the history of a person, and about the touches that reached them. */
export function touchHistoryConformance(name: string, makeTruth: () => Promise<TouchTruth>): void {
  describe(`the history of touches on ${name}`, () => {
    it('C7: has each entry once, under the id that it is about, newest first, from any place on', async () => {
      const { touchLedger } = await makeTruth();
      let afterSeq = 0;
      await fc.assert(
        fc.asyncProperty(
          someCalls(),
          fc.subarray([0, 1, 2]),
          fc.nat(60),
          fc.integer({ min: 1, max: 20 }),
          async (calls, asked, ahead, limit) => {
            const { users, permits, entriesOf } = aCast();
            for (const call of calls) await touchLedger.append(call.map(entriesOf));
            const all = await touchLedger.read({ afterSeq, limit: 1_000 });
            const question = {
              userIds: asked.map((n) => users[n] as string),
              beforeSeq: afterSeq + ahead,
              limit,
            };
            expect(await touchLedger.historyOf(question)).toStrictEqual(plainHistory(all, question));
            expect(await touchLedger.evidenceOf(question.userIds)).toStrictEqual(
              plainEvidence(all, question.userIds),
            );
            const ids = await touchLedger.idsAfter({ afterId: '', limit: 10_000 });
            const ofTheseCalls = plainIds(all);
            expect(ids.filter((userId) => ofTheseCalls.includes(userId))).toEqual(ofTheseCalls);
            const [first = '', second] = ids;
            expect(await touchLedger.idsAfter({ afterId: first, limit: 1 })).toEqual(second ? [second] : []);
            expect(await touchLedger.ofPermits(permits.slice(0, 4))).toStrictEqual(
              all.filter(
                (entry) =>
                  (entry.kind === 'reserved' ||
                    entry.kind === 'committed' ||
                    entry.kind === 'released' ||
                    entry.kind === 'taken') &&
                  permits.slice(0, 4).includes(entry.permitId),
              ),
            );
            afterSeq = all.at(-1)?.seq ?? afterSeq;
          },
        ),
        { numRuns: 40 },
      );
    });

    it('C7: keeps each message that was sent once, and reads back from any moment', async () => {
      const { touchLedger, reachedTouches } = await makeTruth();
      let afterSeq = 0;
      await fc.assert(
        fc.asyncProperty(
          someCalls(),
          fc.subarray([0, 1, 2]),
          fc.constantFrom(undefined, 'kiln'),
          fc.integer({ min: 1, max: 4 }),
          async (calls, asked, shopId, limit) => {
            const { users, entriesOf } = aCast();
            for (const call of calls) await touchLedger.append(call.map(entriesOf));
            const all = await touchLedger.read({ afterSeq, limit: 1_000 });
            afterSeq = all.at(-1)?.seq ?? afterSeq;
            const userIds = asked.map((n) => users[n] as string);
            const read: ReachedTouch[] = [];
            for (let page: ReachedTouch[] | undefined; page === undefined || page.length === limit; ) {
              const before = read.at(-1) ?? END;
              page = await reachedTouches.readBack({ userIds, shopId, before, limit });
              read.push(...page);
            }
            expect(read).toStrictEqual(
              plainReached(all).filter((touch) => userIds.includes(touch.userId) && touch.shopId === shopId),
            );
          },
        ),
        { numRuns: 40 },
      );
      expect(await reachedTouches.repair()).toBe(0);
    });

    it('C7: what the channel reported as failed reached nobody, whether it says so before or after the commit', async () => {
      const { touchLedger, reachedTouches } = await makeTruth();
      const permitOf = (userId: string) => newPermitId({ userId, channel: 'sms' });
      const [seen, late, early] = ['seen', 'late', 'early'].map(permitOf) as [string, string, string];
      const sent = (permitId: string): TouchLedgerEntry => ({
        kind: 'committed',
        userId: 'home',
        permitId,
        atMs: NOON_MS,
        late: false,
      });
      const said = (permitId: string, outcome: TouchOutcome): TouchLedgerEntry => ({
        kind: 'outcome',
        userId: 'home',
        permitId,
        outcome,
        atMs: NOON_MS,
        recordedAtMs: NOON_MS,
      });
      await touchLedger.append(
        [seen, late, early].map((permitId) => aReservation({ userId: 'home', permitId, channel: 'sms' })),
      );
      await touchLedger.append([said(early, 'rejected')]);
      await touchLedger.append([sent(seen), sent(late), sent(early)]);
      const asked = { userIds: ['seen', 'late', 'early'], before: END, limit: 10 };
      const reached = async () => (await reachedTouches.readBack(asked)).map(({ userId }) => userId);
      expect((await reached()).sort()).toEqual(['late', 'seen']);
      await touchLedger.append([said(late, 'undelivered'), said(seen, 'delivered')]);
      // A commit that is repeated, and a repair, bring back nothing.
      await touchLedger.append([sent(late), sent(early)]);
      expect(await reachedTouches.repair()).toBe(0);
      expect(await reached()).toEqual(['seen']);
    });

    it('C7: a commit that many append at once is one touch, as the first of them says', async () => {
      const { touchLedger, reachedTouches } = await makeTruth();
      const permitId = newPermitId({ userId: 'ann', channel: 'sms' });
      await touchLedger.append([aReservation({ userId: 'home', permitId, channel: 'sms' })]);
      await Promise.all(
        Array.from({ length: 20 }, (_, n) =>
          touchLedger.append([
            { kind: 'committed', userId: 'home', permitId, atMs: NOON_MS + n, late: false },
          ]),
        ),
      );
      const kept = await reachedTouches.readBack({ userIds: ['ann', 'ann'], before: END, limit: 10 });
      expect(kept).toStrictEqual(plainReached(await touchLedger.read({ afterSeq: 0, limit: 100 })));
      expect(kept).toMatchObject([{ permitId, userId: 'ann', channel: 'sms' }]);
    });
  });
}

let casts = 0;

/** Three people nobody met before, with their permits and one that nobody was given. */
function aCast() {
  casts += 1;
  const users = ['ann', '安', 'b.o'].map((name) => `${name} ${casts}`);
  const permits = users
    .flatMap((userId) => [1, 2, 3].map(() => newPermitId({ userId, channel: 'push' })))
    .concat(`forgotten-${casts}`);
  const entriesOf = (entry: TouchLedgerEntry): TouchLedgerEntry => ({
    ...entry,
    userId: users[Number(entry.userId)] as string,
    ...(entry.kind === 'refused' && entry.memberId && { memberId: users[Number(entry.memberId)] }),
    ...('permitId' in entry && { permitId: permits[Number(entry.permitId)] }),
  });
  return { users, permits, entriesOf };
}

/** Calls that append few things again and again; users and permits by their number in the cast. */
function someCalls(): fc.Arbitrary<TouchLedgerEntry[][]> {
  const common = { userId: fc.constantFrom('0', '1', '2'), atMs: fc.integer({ min: 1, max: 4 }) };
  const permitId = fc.integer({ min: 0, max: 9 }).map(String);
  const channel = fc.constantFrom<Channel>('push', 'sms');
  const entry = fc.oneof(
    fc
      .record({ ...common, permitId, shopId: fc.option(fc.constant('kiln'), { nil: undefined }) })
      .map(({ shopId, ...facts }) => aReservation({ ...facts, ...(shopId !== undefined && { shopId }) })),
    fc.record({ kind: fc.constant('committed' as const), ...common, permitId, late: fc.boolean() }),
    fc.record({ kind: fc.constant('released' as const), ...common, permitId }),
    fc.record({ kind: fc.constant('taken' as const), ...common, permitId, takenBy: fc.constant('permit') }),
    fc.tuple(common.userId, fc.option(common.userId)).map(([userId, memberId]): TouchLedgerEntry => {
      const { permitId: _, expiresAtMs: __, ...facts } = aReservation({ userId, permitId: '' });
      return { ...facts, kind: 'refused', verdict: 'deny', ...(memberId !== null && { memberId }) };
    }),
    fc.record(
      {
        kind: fc.constant('outcome' as const),
        ...common,
        permitId,
        channel,
        outcome: fc.constantFrom(...TOUCH_OUTCOMES.slice(3, 6)),
        recordedAtMs: fc.constant(NOON_MS),
      },
      { requiredKeys: ['kind', 'userId', 'atMs', 'outcome', 'recordedAtMs'], noNullPrototype: true },
    ),
    fc.record({
      kind: fc.constant('home' as const),
      ...common,
      memberId: fc.constant('m'),
      homeId: fc.constant('h'),
      identitySeq: fc.constant(1),
    }),
  );
  return fc.array(fc.array(entry, { maxLength: 10 }), { maxLength: 10 }).map(inOrder);
}

/** Without what was done to a permit before it was reserved: the port says that nobody appends such. */
function inOrder(calls: readonly (readonly TouchLedgerEntry[])[]): TouchLedgerEntry[][] {
  const reserved = new Set<string>();
  return calls.map((call) =>
    call.filter((entry) => {
      if (entry.kind === 'reserved') reserved.add(entry.permitId);
      return entry.kind !== 'committed' || reserved.has(entry.permitId);
    }),
  );
}

function aReservation(facts: Partial<ReservedEntry> & { userId: string; permitId: string }): ReservedEntry {
  return {
    kind: 'reserved',
    requestId: 'request',
    channel: 'push',
    campaignType: 'routine',
    atMs: NOON_MS,
    expiresAtMs: NOON_MS + 1,
    policyVersion: 1,
    ruleId: 'rule',
    reason: 'within_caps',
    ...facts,
  };
}
