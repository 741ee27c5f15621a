import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BehaviourToLog, LoggedBehaviour } from '../../src/behaviour/behaviour.js';
import {
  type BehaviourLog,
  MAX_BEHAVIOURS_A_HISTORY,
  type UserHistory,
} from '../../src/behaviour/behaviourLog.js';
import { PARTITIONS, partitionOf } from '../../src/core/partitions.js';
import { BEHAVIOUR_TYPES } from '../../src/core/vocabulary.js';
import { aBehaviourToLog, NOON_MS } from '../support/builders.js';

/** What every `BehaviourLog` promises. `makeLog` answers an empty one each time. */
export function behaviourLogConformance(name: string, makeLog: () => Promise<BehaviourLog>): void {
  describe(`the behaviour log on ${name}`, () => {
    it('starts empty', async () => {
      const log = await makeLog();
      expect(await log.read({ afterSeq: 0, limit: 10 })).toEqual([]);
      expect(await log.lastSeq()).toBe(0);
      expect(await log.count()).toBe(0);
      expect(await log.append([])).toEqual([]);
      expect(await log.countOf({ partitions: [0, 1], throughSeq: 10 })).toBe(0);
      expect(await log.readOfUsers({ userIds: [], throughSeq: 10 })).toEqual([]);
    });

    it('gives back what was appended, in the order given, with rising seq', async () => {
      const log = await makeLog();
      const given = Array.from({ length: 25 }, (_, index) => aBehaviourToLog({ userId: `user-${index}` }));
      const outcomes = await log.append(given);
      const read = await log.read({ afterSeq: 0, limit: 100 });
      expect(read.map(({ behaviour, context }) => ({ behaviour, context }))).toEqual(given);
      expect(outcomes).toEqual(read.map(({ seq }) => ({ status: 'accepted', seq })));
      expect(read.map(({ seq }) => seq)).toEqual(read.map(({ seq }) => seq).sort((a, b) => a - b));
      expect(new Set(read.map(({ seq }) => seq)).size).toBe(25);
      expect(await log.lastSeq()).toBe(read.at(-1)?.seq);
      expect(await log.count()).toBe(25);
    });

    it('keeps every field of any behaviour, and leaves absent ones absent', async () => {
      const log = await makeLog();
      await fc.assert(
        fc.asyncProperty(fc.array(anyBehaviourToLog(), { minLength: 1, maxLength: 20 }), async (given) => {
          const before = await log.lastSeq();
          const outcomes = await log.append(given);
          const accepted = given.filter((_, index) => outcomes[index]?.status === 'accepted');
          const read = await log.read({ afterSeq: before, limit: 100 });
          expect(read.map(withoutSeq)).toStrictEqual(accepted);
        }),
        { numRuns: 40 },
      );
    });

    it('answers a retry with duplicate and the first seq, and changes nothing', async () => {
      const log = await makeLog();
      const given = [aBehaviourToLog(), aBehaviourToLog()];
      const first = await log.append(given);
      const again = await log.append([
        { ...given[1]!, behaviour: { ...given[1]!.behaviour, userId: 'someone-else' } },
        aBehaviourToLog({ eventId: 'new' }),
        given[0]!,
      ]);
      expect(again[0]).toEqual({ status: 'duplicate', seq: first[1]!.seq });
      expect(again[1]?.status).toBe('accepted');
      expect(again[2]).toEqual({ status: 'duplicate', seq: first[0]!.seq });
      const read = await log.read({ afterSeq: 0, limit: 10 });
      expect(read.map(withoutSeq).slice(0, 2)).toEqual(given);
      expect(read).toHaveLength(3);
    });

    it('takes the same event id twice within a call as one accepted and one duplicate', async () => {
      const log = await makeLog();
      const behaviour = aBehaviourToLog({ eventId: 'twice', userId: 'first' });
      const outcomes = await log.append([
        behaviour,
        aBehaviourToLog(),
        { ...behaviour, context: aBehaviourToLog().context },
      ]);
      expect(outcomes.map(({ status }) => status)).toEqual(['accepted', 'accepted', 'duplicate']);
      expect(outcomes[2]?.seq).toBe(outcomes[0]?.seq);
      expect(await log.count()).toBe(2);
    });

    it('reads in pages after any seq', async () => {
      const log = await makeLog();
      await log.append(Array.from({ length: 7 }, () => aBehaviourToLog()));
      await log.append(Array.from({ length: 5 }, () => aBehaviourToLog()));
      const all = await log.read({ afterSeq: 0, limit: 100 });
      const paged: LoggedBehaviour[] = [];
      for (;;) {
        const page = await log.read({ afterSeq: paged.at(-1)?.seq ?? 0, limit: 5 });
        expect(page.length).toBeLessThanOrEqual(5);
        if (page.length === 0) break;
        paged.push(...page);
      }
      expect(paged).toEqual(all);
      expect(all).toHaveLength(12);
    });

    it('gives concurrent calls with overlapping ids one acceptance an id, and each its own outcomes', async () => {
      const log = await makeLog();
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.array(fc.integer({ min: 0, max: 30 }), { maxLength: 12 }), {
            minLength: 1,
            maxLength: 12,
          }),
          fc.uuid(),
          async (calls, run) => {
            const given = calls.map((ids) => ids.map((id) => aBehaviourToLog({ eventId: `${run}-${id}` })));
            const answers = await Promise.all(given.map((call) => log.append(call)));
            const seqOf = new Map<string, number>();
            const accepted: string[] = [];
            answers.forEach((outcomes, call) => {
              expect(outcomes).toHaveLength(given[call]!.length);
              outcomes.forEach((outcome, index) => {
                const { eventId } = given[call]![index]!.behaviour;
                if (outcome.status === 'accepted') accepted.push(eventId);
                expect(seqOf.get(eventId) ?? outcome.seq).toBe(outcome.seq);
                seqOf.set(eventId, outcome.seq);
              });
            });
            expect(accepted.sort()).toEqual(
              [...new Set(given.flat().map((item) => item.behaviour.eventId))].sort(),
            );
          },
        ),
        { numRuns: 25 },
      );
    });

    it('takes a call larger than any batch as a whole', async () => {
      const log = await makeLog();
      const given = Array.from({ length: 1_700 }, () => aBehaviourToLog());
      const outcomes = await log.append([...given, given[3]!]);
      expect(outcomes.filter(({ status }) => status === 'accepted')).toHaveLength(1_700);
      expect(outcomes.at(-1)).toEqual({ status: 'duplicate', seq: outcomes[3]!.seq });
      expect(await log.count()).toBe(1_700);
    });

    it('is not brought down by text that UTF-8 cannot hold', async () => {
      const log = await makeLog();
      const broken = aBehaviourToLog(
        { eventId: 'broken-\ud800', query: '\udfff!', referrer: 'a\\"{},\n\\N' },
        { traits: { region: 'x\udc00\\ud800' } },
      );
      const outcomes = await Promise.all([log.append([broken]), log.append([aBehaviourToLog()])]);
      expect(outcomes.flat().map(({ status }) => status)).toEqual(['accepted', 'accepted']);
      expect(await log.append([broken])).toEqual([{ status: 'duplicate', seq: outcomes[0]![0]!.seq }]);
      const [read] = await log.read({ afterSeq: 0, limit: 1 });
      expect(read?.behaviour.query).toBe('\ufffd!');
      expect(read?.behaviour.referrer).toBe('a\\"{},\n\\N');
      expect(read?.context.traits.region).toBe('x\ufffd\\ud800');
    });

    it('refuses a call that holds a value no store can keep, and nobody else’s', async () => {
      const log = await makeLog();
      const good = Array.from({ length: 4 }, () => aBehaviourToLog());
      const bad = aBehaviourToLog({ query: 'a\u0000b' });
      const answers = await Promise.allSettled([
        log.append([good[0]!]),
        log.append([good[1]!, bad]),
        log.append([good[2]!, good[3]!]),
      ]);
      expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
      const read = await log.read({ afterSeq: 0, limit: 10 });
      expect(read.map(withoutSeq)).toEqual([good[0], good[2], good[3]]);
    });

    it('says when a behaviour was logged, by a clock that does not run back', async () => {
      const log = await makeLog();
      const beforeMs = Date.now();
      await log.append([aBehaviourToLog()]);
      await log.append([aBehaviourToLog()]);
      const [first, second] = await log.read({ afterSeq: 0, limit: 2 });
      expect(Math.abs(first!.loggedAtMs! - beforeMs)).toBeLessThan(60_000);
      expect(second!.loggedAtMs).toBeGreaterThanOrEqual(first!.loggedAtMs!);
    });

    it('reads, for any partitions, what reading all and leaving out the others gives', async () => {
      const log = await makeLog();
      await log.append(
        Array.from({ length: 400 }, (_, index) => aBehaviourToLog({ userId: `u${index % 90}` })),
      );
      const all = await log.read({ afterSeq: 0, limit: 1_000 });
      const seqs = all.map(({ seq }) => seq);
      await fc.assert(
        fc.asyncProperty(
          fc.oneof(
            fc.uniqueArray(fc.nat(PARTITIONS - 1), { maxLength: 7 }),
            fc.uniqueArray(fc.nat(PARTITIONS - 1), { minLength: 8, maxLength: PARTITIONS }),
            fc.constant(Array.from({ length: PARTITIONS }, (_, partition) => partition)),
          ),
          fc.constantFrom(0, ...seqs),
          fc.integer({ min: 1, max: 500 }),
          async (partitions, afterSeq, limit) => {
            const ofThem = all.filter(({ behaviour }) => partitions.includes(partitionOf(behaviour.userId)));
            const expected = ofThem.filter(({ seq }) => seq > afterSeq).slice(0, limit);
            expect(await log.read({ afterSeq, limit, partitions })).toEqual(expected);
            const throughSeq = afterSeq;
            expect(await log.countOf({ partitions, throughSeq })).toBe(
              ofThem.filter(({ seq }) => seq <= throughSeq).length,
            );
          },
        ),
        { numRuns: 40 },
      );
    });

    it('reads all of the users asked for, and nobody else, within any bounds', async () => {
      const log = await makeLog();
      const users = Array.from({ length: 12 }, (_, index) => `user-${index}`);
      await log.append(
        Array.from({ length: 3_000 }, (_, index) => aBehaviourToLog({ userId: users[(index * 7) % 11]! })),
      );
      const all = await log.read({ afterSeq: 0, limit: 5_000 });
      const seqs = all.map(({ seq }) => seq);
      await fc.assert(
        fc.asyncProperty(
          fc.uniqueArray(fc.constantFrom(...users, 'nobody'), { maxLength: 6 }),
          fc.constantFrom(0, ...seqs),
          fc.constantFrom(0, ...seqs),
          async (userIds, afterSeq, throughSeq) => {
            const expected = all.filter(
              ({ seq, behaviour }) =>
                userIds.includes(behaviour.userId) && seq > afterSeq && seq <= throughSeq,
            );
            expect(await log.readOfUsers({ userIds, afterSeq, throughSeq })).toEqual(expected);
          },
        ),
        { numRuns: 15 },
      );
      const throughSeq = await log.lastSeq();
      expect(await log.readOfUsers({ userIds: [...users, users[0]!], throughSeq })).toEqual(all);
    });

    it('finds an odd id by the form in which it is kept', async () => {
      const log = await makeLog();
      await log.append([aBehaviourToLog({ userId: 'odd-\ud800' }), aBehaviourToLog({ userId: '用户-é' })]);
      const all = await log.read({ afterSeq: 0, limit: 10 });
      const throughSeq = await log.lastSeq();
      expect(await log.readOfUsers({ userIds: ['odd-\ud800', '用户-é'], throughSeq })).toEqual(all);
      const partitions = [partitionOf('odd-\ufffd'), partitionOf('用户-é')];
      expect(await log.read({ afterSeq: 0, limit: 10, partitions })).toEqual(all);
    });

    it('gives the histories of a partition, each user whole and in order, in pages', async () => {
      const log = await makeLog();
      const users = usersOfPartition(5, 30);
      await log.append(
        Array.from({ length: 2_500 }, (_, index) =>
          aBehaviourToLog({ userId: index % 3 === 0 ? `other-${index}` : users[index % 30]! }),
        ),
      );
      const all = await log.read({ afterSeq: 0, limit: 5_000 });
      const throughSeq = all[2_200]!.seq;
      const histories = await collect(log.historiesOf({ partition: 5, throughSeq }));
      const ofThem = all.filter(
        ({ behaviour, seq }) => partitionOf(behaviour.userId) === 5 && seq <= throughSeq,
      );
      const expected = [...new Set(ofThem.map(({ behaviour }) => behaviour.userId))]
        .sort()
        .map((userId) => ({ userId, behaviours: ofThem.filter((row) => row.behaviour.userId === userId) }));
      expect(histories).toEqual(expected);
      expect(await collect(log.historiesOf({ partition: 5, throughSeq: 0 }))).toEqual([]);
    });

    it('gives a history that is too long for one piece in several, none of them lost', async () => {
      const log = await makeLog();
      const [before, long, after] = usersOfPartition(9, 3).sort() as [string, string, string];
      const length = 2 * MAX_BEHAVIOURS_A_HISTORY + 1;
      await log.append([
        aBehaviourToLog({ userId: before }),
        ...Array.from({ length }, () => aBehaviourToLog({ userId: long })),
        aBehaviourToLog({ userId: after }),
      ]);
      const throughSeq = await log.lastSeq();
      const histories = await collect(log.historiesOf({ partition: 9, throughSeq }));
      expect(histories.map(({ userId, behaviours }) => [userId, behaviours.length])).toEqual([
        [before, 1],
        [long, MAX_BEHAVIOURS_A_HISTORY],
        [long, MAX_BEHAVIOURS_A_HISTORY],
        [long, 1],
        [after, 1],
      ]);
      const pieces = histories
        .filter(({ userId }) => userId === long)
        .flatMap(({ behaviours }) => behaviours);
      const whole = await log.readOfUsers({ userIds: [long], throughSeq });
      expect(pieces.map(({ seq }) => seq)).toEqual(whole.map(({ seq }) => seq));
    });
  });
}

/** Ids that lie in the partition, as many as wanted. */
function usersOfPartition(partition: number, count: number): string[] {
  const ids: string[] = [];
  for (let n = 0; ids.length < count; n += 1) {
    if (partitionOf(`user-${n}`) === partition) ids.push(`user-${n}`);
  }
  return ids;
}

async function collect(pages: AsyncIterable<UserHistory[]>): Promise<UserHistory[]> {
  const histories: UserHistory[] = [];
  for await (const page of pages) {
    if (page.length === 0) throw new Error('an empty page');
    histories.push(...page);
  }
  return histories;
}

function withoutSeq({ behaviour, context }: LoggedBehaviour): BehaviourToLog {
  return { behaviour, context };
}

/** Behaviours with every optional field there or not, and awkward text. */
function anyBehaviourToLog(): fc.Arbitrary<BehaviourToLog> {
  const text = fc
    .string({ unit: 'grapheme', maxLength: 20 })
    .map((value) => value.replaceAll('\u0000', '').toString());
  const id = text.map((value) => `id ${value}`);
  const ratio = fc.double({ min: 0, max: 1, noNaN: true }).map((value) => value + 0);
  const behaviour = fc.record(
    {
      eventId: id,
      type: fc.constantFrom(...BEHAVIOUR_TYPES),
      userId: id,
      productId: id,
      shopId: id,
      occurredAtMs: fc.integer({ min: 631_152_000_000, max: NOON_MS }),
      quantity: fc.integer({ min: 1, max: 1_000_000 }),
      priceMinor: fc.maxSafeNat(),
      currency: fc.constant('CNY'),
      rating: fc.integer({ min: 1, max: 5 }),
      query: text,
      sessionId: id,
      dwellMs: fc.maxSafeNat(),
      rankId: id,
      position: fc.integer({ min: 1, max: 2 ** 40 }),
      referrer: text,
    },
    { requiredKeys: ['eventId', 'type', 'userId', 'occurredAtMs', 'quantity'], noNullPrototype: true },
  );
  const context = fc.record(
    {
      productRevision: fc.integer({ min: 0, max: 1_000 }),
      shopId: id,
      pricePercentile: ratio,
      traits: fc.record(
        { age_band: text, gender: text, region: text, spending_level: text },
        { requiredKeys: [], noNullPrototype: true },
      ),
    },
    { requiredKeys: ['productRevision', 'traits'], noNullPrototype: true },
  );
  return fc.record({ behaviour, context }, { noNullPrototype: true });
}
