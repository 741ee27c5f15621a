import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PARTITIONS, partitionOf } from '../../src/core/partitions.js';
import { CHANNELS } from '../../src/core/vocabulary.js';
import { LEAVE_ALONE_OUTCOMES } from '../../src/touch/leaveAlone.js';
import { newPermitId } from '../../src/touch/permitId.js';
import { TOUCH_OUTCOMES, TOUCH_REASONS } from '../../src/touch/touch.js';
import { TOUCH_FAILURES } from '../../src/touch/touchFailure.js';
import type {
  CommittedEntry,
  LoggedTouchEntry,
  OutcomeEntry,
  TouchLedger,
  TouchLedgerEntry,
} from '../../src/touch/touchLedger.js';
import { NOON_MS } from '../support/builders.js';

/** What every `TouchLedger` promises. `makeLedger` answers an empty one each time. */
export function touchLedgerConformance(name: string, makeLedger: () => Promise<TouchLedger>): void {
  describe(`the touch ledger on ${name}`, () => {
    it('starts empty, and an empty call does nothing', async () => {
      const ledger = await makeLedger();
      await ledger.append([]);
      expect(await ledger.read({ afterSeq: 0, limit: 10 })).toEqual([]);
    });

    it('keeps every field of any entry, in order, and leaves absent ones absent', async () => {
      const ledger = await makeLedger();
      let read: LoggedTouchEntry[] = [];
      await fc.assert(
        fc.asyncProperty(fc.array(anyEntry(), { minLength: 1, maxLength: 20 }), async (entries) => {
          const afterSeq = read.at(-1)?.seq ?? 0;
          await ledger.append(entries);
          read = await ledger.read({ afterSeq, limit: 100 });
          expect(read.map(({ seq: _seq, ...entry }) => entry)).toStrictEqual(entries);
          for (const { seq } of read) expect(seq).toBeGreaterThan(afterSeq);
        }),
        { numRuns: 40 },
      );
    });

    it('numbers entries from 1, rising, and reads in pages after any seq', async () => {
      const ledger = await makeLedger();
      await ledger.append(Array.from({ length: 1_200 }, (_, index) => aCommit(`permit-${index}`)));
      await ledger.append([aCommit('last')]);
      const all = await ledger.read({ afterSeq: 0, limit: 5_000 });
      expect(all).toHaveLength(1_201);
      expect(all[0]?.seq).toBeGreaterThanOrEqual(1);
      all.slice(1).forEach((entry, index) => {
        expect(entry.seq).toBeGreaterThan(all[index]!.seq);
      });
      expect(await ledger.read({ afterSeq: all[999]!.seq, limit: 10 })).toEqual(all.slice(1_000, 1_010));
      expect(all.at(-1)).toMatchObject({ permitId: 'last' });
    });

    it('does not look for duplicates: an entry appended again is there again', async () => {
      const ledger = await makeLedger();
      await ledger.append([aCommit('one')]);
      await ledger.append([aCommit('one')]);
      expect(await ledger.read({ afterSeq: 0, limit: 10 })).toHaveLength(2);
    });

    it('gives an entry that follows an acknowledged one the higher seq, under concurrency', async () => {
      const ledger = await makeLedger();
      await Promise.all(
        Array.from({ length: 50 }, async (_, index) => {
          await ledger.append([aCommit(`${index}-first`)]);
          await ledger.append([aCommit(`${index}-second`)]);
        }),
      );
      const seqOf = new Map(
        (await ledger.read({ afterSeq: 0, limit: 200 })).map((entry) => [
          'permitId' in entry ? entry.permitId : '',
          entry.seq,
        ]),
      );
      expect(seqOf.size).toBe(100);
      for (let index = 0; index < 50; index += 1) {
        expect(seqOf.get(`${index}-second`)).toBeGreaterThan(seqOf.get(`${index}-first`)!);
      }
    });

    it('keeps the entries of one call together in order and all or nothing', async () => {
      const ledger = await makeLedger();
      const bad = { ...aCommit('bad'), userId: 'a\u0000b' };
      const answers = await Promise.allSettled([
        ledger.append([aCommit('a'), aCommit('b')]),
        ledger.append([aCommit('lost'), bad]),
        ledger.append([aCommit('c')]),
      ]);
      expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
      const read = await ledger.read({ afterSeq: 0, limit: 10 });
      expect(read.map((entry) => 'permitId' in entry && entry.permitId)).toEqual(['a', 'b', 'c']);
    });

    it('C8: gives what was said of being left alone in the histories of ids, by moment, and no copies', async () => {
      const ledger = await makeLedger();
      const said = (userId: string, atMs: number, facts: Partial<OutcomeEntry> = {}): OutcomeEntry => ({
        kind: 'outcome',
        userId,
        outcome: 'muted',
        atMs,
        recordedAtMs: NOON_MS,
        ...facts,
      });
      const permitId = newPermitId({ userId: 'a', channel: 'push' });
      const ofA = [
        said('a', 1, { outcome: 'unsubscribed', channel: 'push' }),
        said('home', 2, { memberId: 'a', outcome: 'resubscribed' }),
        said('home', 3, { permitId, memberId: 'b' }),
      ];
      const ofB = said('home', 4, { memberId: 'b', outcome: 'blocked' });
      await ledger.append([
        ofB,
        ...ofA.toReversed(),
        { kind: 'mark', userId: 'a', outcome: 'muted', atMs: 5 },
        said('a', 6, { outcome: 'opened', channel: 'push' }),
        said('c', 7),
        said('home', 8),
      ]);
      const facts = (entries: readonly OutcomeEntry[]) =>
        entries.map((entry) => ({ ...entry, seq: expect.any(Number) }));
      expect(await ledger.wordsOf(['a'])).toEqual(facts(ofA));
      expect(await ledger.wordsOf(['b', 'a'])).toEqual(facts([...ofA, ofB]));
      expect(await ledger.wordsOf(['nobody'])).toEqual([]);
      expect(await ledger.wordsOf([])).toEqual([]);
    });

    it('reads, for any partitions, what reading all and leaving out the others gives', async () => {
      const ledger = await makeLedger();
      expect(await ledger.lastSeq()).toBe(0);
      await ledger.append(
        Array.from({ length: 300 }, (_, index) => ({ ...aCommit(`p${index}`), userId: `u${index % 70}` })),
      );
      const all = await ledger.read({ afterSeq: 0, limit: 1_000 });
      expect(await ledger.lastSeq()).toBe(all.at(-1)!.seq);
      await fc.assert(
        fc.asyncProperty(
          fc.uniqueArray(fc.nat(PARTITIONS - 1), { maxLength: 20 }),
          fc.constantFrom(0, ...all.map(({ seq }) => seq)),
          fc.integer({ min: 1, max: 400 }),
          async (partitions, afterSeq, limit) => {
            const expected = all
              .filter(({ userId, seq }) => partitions.includes(partitionOf(userId)) && seq > afterSeq)
              .slice(0, limit);
            expect(await ledger.read({ afterSeq, limit, partitions })).toEqual(expected);
          },
        ),
        { numRuns: 30 },
      );
    });
  });
}

function aCommit(permitId: string): CommittedEntry {
  return { kind: 'committed', userId: 'user-1', permitId, atMs: NOON_MS, late: false };
}

function anyEntry(): fc.Arbitrary<TouchLedgerEntry> {
  const id = fc
    .string({ unit: 'grapheme', maxLength: 20 })
    .map((text) => `id ${text.replaceAll('\u0000', '')}`);
  const ms = fc.integer({ min: 0, max: 4_000_000_000_000 });
  const content = {
    channel: fc.constantFrom(...CHANNELS),
    campaignType: id,
    shopId: id,
    campaignId: id,
    priority: fc.integer({ min: 1, max: 100 }),
    userId: id,
    requestId: id,
    atMs: ms,
    policyVersion: fc.nat(),
    ruleId: id,
    reason: fc.constantFrom(...TOUCH_REASONS),
  };
  const optional = [
    'shopId',
    'campaignId',
    'priority',
    'taken',
    'notBeforeMs',
    'permitId',
    'channel',
    'memberId',
    'failed',
  ] as const;
  function entry<Entry extends TouchLedgerEntry>(
    fields: { [Key in keyof Entry]-?: fc.Arbitrary<NonNullable<Entry[Key]>> },
    mayLack: readonly (typeof optional)[number][],
  ): fc.Arbitrary<TouchLedgerEntry> {
    const requiredKeys = Object.keys(fields).filter((key) => !(mayLack as readonly string[]).includes(key));
    return fc.record(fields as Record<string, fc.Arbitrary<unknown>>, {
      requiredKeys,
      noNullPrototype: true,
    }) as unknown as fc.Arbitrary<TouchLedgerEntry>;
  }
  return fc.oneof(
    entry(
      {
        kind: fc.constant('reserved' as const),
        ...content,
        permitId: id,
        expiresAtMs: ms,
        failed: fc.constantFrom(...TOUCH_FAILURES),
      },
      ['shopId', 'campaignId', 'priority', 'failed'],
    ),
    entry(
      {
        kind: fc.constant('refused' as const),
        ...content,
        verdict: fc.constantFrom('delay' as const, 'deny' as const),
        notBeforeMs: ms,
      },
      ['shopId', 'campaignId', 'priority', 'notBeforeMs'],
    ),
    entry(
      {
        kind: fc.constant('committed' as const),
        userId: id,
        permitId: id,
        atMs: ms,
        late: fc.boolean(),
        taken: fc.constant(true as const),
      },
      ['taken'],
    ),
    entry({ kind: fc.constant('taken' as const), userId: id, permitId: id, takenBy: id, atMs: ms }, []),
    entry({ kind: fc.constant('released' as const), userId: id, permitId: id, atMs: ms }, []),
    entry(
      {
        kind: fc.constant('outcome' as const),
        userId: id,
        memberId: id,
        permitId: id,
        channel: fc.constantFrom(...CHANNELS),
        outcome: fc.constantFrom(...TOUCH_OUTCOMES),
        atMs: ms,
        recordedAtMs: ms,
      },
      ['permitId', 'channel', 'memberId'],
    ),
    entry(
      {
        kind: fc.constant('mark' as const),
        userId: id,
        channel: fc.constantFrom(...CHANNELS),
        outcome: fc.constantFrom('resubscribed' as const, ...LEAVE_ALONE_OUTCOMES),
        atMs: ms,
      },
      ['channel'],
    ),
    entry(
      {
        kind: fc.constant('home' as const),
        userId: id,
        memberId: id,
        homeId: id,
        identitySeq: fc.nat(),
        atMs: ms,
      },
      [],
    ),
  );
}
