import { describe, expect, it } from 'vitest';
import { window } from '../../src/core/time.js';
import { TouchesMovedError } from '../../src/touch/touchHome.js';
import type { TouchLedgerEntry } from '../../src/touch/touchLedger.js';
import type { TouchStore } from '../../src/touch/touchStore.js';
import { learnedOfMost } from '../support/learnedOfMost.js';
import { aCap, aPolicy, DAY, HOUR, MINUTE } from '../touch/builders.js';
import { touchPrioritiesConformance } from './touchPriorities.js';
import { touchReportsConformance } from './touchReports.js';
import { NOON, touchStoreUnderTest } from './touchStoreUnderTest.js';

/**
 * What every back end of the touch store must do. `makeStore` gives an empty store; `pruneBeforeMs`
 * and the clock come with the calls, so nothing here waits.
 */
export function touchStoreConformance(name: string, makeStore: () => Promise<TouchStore>): void {
  describe(`${name} as a touch store`, () => {
    const room = touchStoreUnderTest(makeStore);
    const { reserve, granted } = room;

    it('knows nothing of a user it was never told of', async () => {
      expect(await room.store.read('nobody')).toEqual({ records: [], marks: [] });
    });

    it('C6: of many reservations at once no more are granted than the cap allows', async () => {
      const policy = aPolicy({ caps: [aCap({ cap: 3 })] });
      const outcomes = await Promise.all(Array.from({ length: 32 }, () => reserve({ policy })));
      expect(outcomes.filter(({ kind }) => kind === 'granted')).toHaveLength(3);
      expect((await room.store.read('user-1')).records).toHaveLength(3);
    });

    it('C6: the same request many times at once is one permit', async () => {
      const policy = aPolicy({ caps: [aCap({ cap: 5 })] });
      const outcomes = await Promise.all(
        Array.from({ length: 16 }, () => reserve({ policy, requestId: 'same' })),
      );
      const permits = outcomes.map((outcome) =>
        'record' in outcome ? outcome.record.permitId : outcome.kind,
      );
      expect(new Set(permits).size).toBe(1);
      expect(outcomes.filter(({ kind }) => kind === 'granted')).toHaveLength(1);
      expect((await room.store.read('user-1')).records).toHaveLength(1);
    });

    it('C6: a request id for another touch is a conflict that names the fields', async () => {
      await granted({ requestId: 'same' });
      const content = { channel: 'sms' as const, campaignType: 'routine', shopId: 'shop-2' };
      expect(await reserve({ requestId: 'same', content })).toEqual({
        kind: 'conflict',
        fields: ['channel', 'shop_id'],
      });
    });

    it('a request id belongs to its user', async () => {
      await granted({ requestId: 'same' });
      expect((await reserve({ requestId: 'same', userId: 'user-2' })).kind).toBe('granted');
    });

    it('C6: a refusal writes nothing, and the request is decided afresh', async () => {
      await granted();
      const refused = await reserve({ requestId: 'later' });
      expect(refused).toMatchObject({
        kind: 'refused',
        decision: { kind: 'delay', notBeforeMs: NOON + 10 * MINUTE, reason: 'cap_reached' },
      });
      expect((await room.store.read('user-1')).records).toHaveLength(1);
      expect((await reserve({ requestId: 'later', nowMs: NOON + 10 * MINUTE })).kind).toBe('granted');
    });

    it('C6: a commit counts from its own time, once', async () => {
      const { permitId } = await granted();
      const nowMs = NOON + 5 * MINUTE;
      const committed = await room.store.commit({ userId: 'user-1', permitId, nowMs });
      expect(committed).toMatchObject({
        kind: 'committed',
        repeated: false,
        record: { state: { status: 'committed', sentAtMs: nowMs, late: false } },
      });
      expect(await room.store.commit({ userId: 'user-1', permitId, nowMs: nowMs + HOUR })).toMatchObject({
        kind: 'committed',
        repeated: true,
        record: { state: { sentAtMs: nowMs, late: false } },
      });
      expect(await reserve({ nowMs: nowMs + HOUR - 1 })).toMatchObject({
        kind: 'refused',
        decision: { notBeforeMs: nowMs + HOUR },
      });
      expect((await reserve({ nowMs: nowMs + HOUR })).kind).toBe('granted');
    });

    it('C6: a commit after the expiry is late and counts all the same', async () => {
      const { permitId, expiresAtMs } = await granted();
      expect(await room.store.commit({ userId: 'user-1', permitId, nowMs: expiresAtMs })).toMatchObject({
        record: { state: { status: 'committed', late: true, sentAtMs: expiresAtMs } },
      });
      expect((await reserve({ nowMs: expiresAtMs + 1 })).kind).toBe('refused');
    });

    it('C6: only a held slot is committed by whoever has not sent yet, and a repeat of it is answered', async () => {
      const { permitId, expiresAtMs } = await granted();
      const unsent = { userId: 'user-1', permitId, onlyIfHeld: true };
      expect(await room.store.commit({ ...unsent, nowMs: expiresAtMs })).toEqual({
        kind: 'not_held',
        taken: false,
      });
      expect(await room.store.commit({ ...unsent, nowMs: expiresAtMs - 1 })).toMatchObject({
        kind: 'committed',
        repeated: false,
        record: { state: { sentAtMs: expiresAtMs - 1, late: false } },
      });
      expect(await room.store.commit({ ...unsent, nowMs: expiresAtMs + HOUR })).toMatchObject({
        kind: 'committed',
        repeated: true,
      });
    });

    it('C8: who is left alone since the reservation gets nothing that is not sent yet; what is out counts', async () => {
      const { permitId, expiresAtMs } = await granted();
      const permit = { userId: 'user-1', permitId, nowMs: NOON + MINUTE };
      const word = { userId: 'user-1', channel: 'push' as const, nowMs: NOON };
      await room.store.mark({ ...word, outcome: 'unsubscribed' });
      const before = await room.store.read('user-1');
      for (const nowMs of [NOON + MINUTE, expiresAtMs]) {
        expect(await room.store.commit({ ...permit, nowMs, onlyIfHeld: true })).toEqual({
          kind: 'left_alone',
        });
      }
      expect(await room.store.read('user-1')).toEqual(before);

      await room.store.mark({ ...word, outcome: 'resubscribed' });
      expect(await room.store.commit({ ...permit, onlyIfHeld: true })).toMatchObject({ repeated: false });
      await room.store.mark({ ...word, outcome: 'blocked' });
      expect(await room.store.commit({ ...permit, onlyIfHeld: true })).toMatchObject({ repeated: true });

      const other = await granted({ userId: 'user-2', permitId: 'p-2' });
      await room.store.mark({ ...word, userId: 'user-2', outcome: 'unsubscribed' });
      const sent = { userId: 'user-2', permitId: other.permitId, nowMs: NOON + MINUTE };
      expect(await room.store.commit(sent)).toMatchObject({ kind: 'committed', repeated: false });
    });

    it('C8: a word about another channel refuses no commit', async () => {
      const { permitId } = await granted();
      await room.store.mark({ userId: 'user-1', channel: 'phone', outcome: 'unsubscribed', nowMs: NOON });
      const unsent = { userId: 'user-1', permitId, nowMs: NOON + MINUTE, onlyIfHeld: true };
      expect(await room.store.commit(unsent)).toMatchObject({ kind: 'committed' });
    });

    it('C6: 72 hours after its end a touch is known, and a millisecond later it is not', async () => {
      const { permitId, requestId, expiresAtMs } = await granted();
      const lastMs = expiresAtMs + 72 * HOUR;
      const permit = { userId: 'user-1', permitId };
      expect((await room.store.commit({ ...permit, nowMs: lastMs + 1 })).kind).toBe('unknown');
      expect((await room.store.release({ ...permit, nowMs: lastMs + 1 })).kind).toBe('unknown');
      expect(await room.store.commit({ ...permit, nowMs: lastMs })).toMatchObject({
        record: { state: { late: true } },
      });
      const sentAndKnownMs = lastMs + 72 * HOUR;
      expect((await reserve({ requestId, nowMs: sentAndKnownMs })).kind).toBe('repeated');
      expect((await reserve({ requestId, nowMs: sentAndKnownMs + 1 })).kind).toBe('granted');
    });

    it('C6: a reservation whose slot went to another is late even if the clock steps back', async () => {
      const first = await granted();
      await granted({ nowMs: first.expiresAtMs });
      const nowMs = first.expiresAtMs - MINUTE;
      expect(await room.store.commit({ userId: 'user-1', permitId: first.permitId, nowMs })).toMatchObject({
        record: { state: { late: true } },
      });
    });

    it('C6: a clock that steps back frees no slot', async () => {
      const { permitId } = await granted();
      await room.store.commit({ userId: 'user-1', permitId, nowMs: NOON });
      for (const backMs of [1, HOUR, 3 * HOUR, DAY]) {
        expect((await reserve({ nowMs: NOON - backMs })).kind).toBe('refused');
      }
    });

    it('C6: a commit under a clock that stepped back is not dated before its reservation', async () => {
      const { permitId } = await granted();
      const outcome = await room.store.commit({ userId: 'user-1', permitId, nowMs: NOON - HOUR });
      expect(outcome).toMatchObject({ record: { state: { sentAtMs: NOON, late: false } } });
    });

    it('C6: a release frees the slot, and is the end of the permit', async () => {
      const { permitId } = await granted();
      const permit = { userId: 'user-1', permitId, nowMs: NOON };
      expect(await room.store.release(permit)).toMatchObject({ kind: 'released', expired: false });
      expect(await room.store.release(permit)).toMatchObject({ kind: 'released', expired: false });
      expect((await room.store.commit(permit)).kind).toBe('released');
      expect((await reserve()).kind).toBe('granted');
    });

    it('C6: a committed touch cannot be released', async () => {
      const { permitId } = await granted();
      const permit = { userId: 'user-1', permitId, nowMs: NOON };
      await room.store.commit(permit);
      expect((await room.store.release(permit)).kind).toBe('committed');
      expect((await reserve()).kind).toBe('refused');
    });

    it('C6: of a commit and a release at once exactly one is done', async () => {
      for (let i = 0; i < 8; i += 1) {
        const userId = `user-${i}`;
        const { permitId } = await granted({ userId });
        const permit = { userId, permitId, nowMs: NOON };
        const [committed, released] = await Promise.all([
          room.store.commit(permit),
          room.store.release(permit),
        ]);
        expect([committed.kind, released.kind]).toEqual(
          committed.kind === 'committed' ? ['committed', 'committed'] : ['released', 'released'],
        );
      }
    });

    it('C6: a repeat gets its permit after the commit too, but never one that holds nothing', async () => {
      const first = await granted({ requestId: 'same' });
      expect(await reserve({ requestId: 'same', nowMs: first.expiresAtMs - 1 })).toMatchObject({
        kind: 'repeated',
        record: { permitId: first.permitId },
        decision: { kind: 'allow', ruleId: 'cap-1', reason: 'within_caps' },
      });
      await granted({ nowMs: first.expiresAtMs });
      expect((await reserve({ requestId: 'same', nowMs: first.expiresAtMs })).kind).toBe('refused');

      const other = await granted({ requestId: 'other', userId: 'user-2' });
      await room.store.commit({ userId: 'user-2', permitId: other.permitId, nowMs: NOON });
      expect(await reserve({ requestId: 'other', userId: 'user-2', nowMs: NOON + 2 * HOUR })).toMatchObject({
        kind: 'repeated',
        record: { permitId: other.permitId, state: { status: 'committed' } },
      });
    });

    it('C6: a withdrawn reservation is as though it had never been', async () => {
      const { permitId } = await granted();
      await room.store.withdraw({ userId: 'user-1', permitId });
      await room.store.withdraw({ userId: 'user-1', permitId });
      expect((await room.store.read('user-1')).records).toEqual([]);
      expect((await room.store.commit({ userId: 'user-1', permitId, nowMs: NOON })).kind).toBe('unknown');
    });

    it('C6: a reservation that a repeat was answered with is not withdrawn', async () => {
      const { permitId } = await granted({ requestId: 'same' });
      await reserve({ requestId: 'same' });
      await room.store.withdraw({ userId: 'user-1', permitId });
      expect((await room.store.read('user-1')).records).toHaveLength(1);
    });

    touchPrioritiesConformance(room);
    touchReportsConformance(room);

    describe('T7: with the touches of linked ids in one log', () => {
      const home = (userId: string, homeId: string, seq: number) => ({
        userId,
        homeId,
        seq,
        inLedger: false,
      });

      /** Moves the touches of `fromId` to `toId`, as those who link ids do: first they leave, then they arrive. */
      async function move(fromId: string, toId: string, seq = 1) {
        const homes = [home(fromId, toId, seq)];
        const { log: touches } = await room.store.takeIn({ userId: fromId, homes, arrivals: [] });
        return room.store.takeIn({ userId: toId, homes, arrivals: [{ fromId, touches }] });
      }

      it('C6: a cap counts the touches of all of them', async () => {
        const policy = aPolicy({ caps: [aCap({ cap: 2 })] });
        const { permitId } = await granted({ userId: 'wx-1', policy });
        await granted({ userId: 'user-1', policy });
        expect(await move('wx-1', 'user-1')).toMatchObject({ changed: true });
        for (const userId of ['user-1', 'wx-1']) {
          expect((await reserve({ userId, homeId: 'user-1', policy })).kind).toBe('refused');
        }
        const permit = { userId: 'wx-1', homeId: 'user-1', permitId, nowMs: NOON };
        expect((await room.store.commit(permit)).kind).toBe('committed');
        expect((await room.store.read('user-1')).records).toHaveLength(2);
      });

      it('C6: a log refuses, and says where to ask, when it does not hold the touches of an id', async () => {
        const { permitId } = await granted({ userId: 'wx-1' });
        await move('wx-1', 'user-1');
        const before = await room.store.read('wx-1');
        const permit = { userId: 'wx-1', permitId, nowMs: NOON };
        const refusals = [
          reserve({ userId: 'wx-1' }),
          room.store.commit(permit),
          room.store.release(permit),
          room.store.withdraw(permit),
          room.store.mark({ userId: 'wx-1', outcome: 'muted', nowMs: NOON }),
        ];
        for (const refusal of refusals) {
          await expect(refusal).rejects.toMatchObject({ homeId: 'user-1', constructor: TouchesMovedError });
        }
        await expect(reserve({ userId: 'stranger', homeId: 'user-1' })).rejects.toThrow(TouchesMovedError);
        expect(await room.store.read('wx-1')).toEqual(before);
        expect((await room.store.read('user-1')).records).toHaveLength(1);
      });

      it('news told again change nothing, and older ones neither', async () => {
        await granted({ userId: 'wx-1' });
        await move('wx-1', 'user-1', 7);
        const log = await room.store.read('user-1');
        expect(await move('wx-1', 'user-1', 7)).toEqual({ log, changed: false });
        const homes = [home('wx-1', 'wx-1', 6)];
        expect(await room.store.takeIn({ userId: 'user-1', homes, arrivals: [] })).toEqual({
          log,
          changed: false,
        });
      });

      it('C6: of a reservation and the departure of its id at once, none is lost', async () => {
        for (let i = 0; i < 8; i += 1) {
          const [userId, toId] = [`wx-${i}`, `user-${i}`];
          const [outcome] = await Promise.all([
            reserve({ userId }).catch((error: unknown) => {
              expect(error).toBeInstanceOf(TouchesMovedError);
              return undefined;
            }),
            move(userId, toId),
          ]);
          const { records } = await room.store.read(toId);
          expect(records.length).toBe(outcome?.kind === 'granted' ? 1 : 0);
        }
      });

      it('C8: a word said under one id holds for all', async () => {
        await room.store.mark({ userId: 'wx-1', outcome: 'blocked', nowMs: NOON });
        await move('wx-1', 'user-1');
        expect(await reserve()).toMatchObject({ decision: { reason: 'left_alone' } });
      });

      it('C6: restored from its own entries a log knows its homes and touches again', async () => {
        await room.store.restore(
          [
            {
              kind: 'home',
              userId: 'user-1',
              memberId: 'wx-1',
              homeId: 'user-1',
              identitySeq: 3,
              atMs: NOON,
            },
            { kind: 'home', userId: 'wx-1', memberId: 'wx-1', homeId: 'user-1', identitySeq: 3, atMs: NOON },
          ],
          { pruneBeforeMs: NOON - 33 * DAY },
        );
        await expect(reserve({ userId: 'wx-1' })).rejects.toThrow(TouchesMovedError);
        expect((await reserve({ userId: 'wx-1', homeId: 'user-1' })).kind).toBe('granted');
      });
    });

    describe('C1: what was learned of people', () => {
      const less = learnedOfMost();
      const more = { ...less, budgetLevel: less.budgetLevel + 1, hours: [] };
      const readLearned = async (userId: string) => (await room.store.read(userId)).learned;

      it('stands in their logs beside all else, until something else is learned', async () => {
        const record = await granted();
        await room.store.learn(['user-1', 'user-2'], async (userIds) =>
          userIds.map((userId) => (userId === 'user-1' ? less : more)),
        );
        expect(await readLearned('user-1')).toEqual(less);
        expect(await readLearned('user-2')).toEqual(more);
        await room.store.commit({ userId: 'user-1', permitId: record.permitId, nowMs: NOON + MINUTE });
        await room.store.mark({ userId: 'user-1', outcome: 'muted', channel: 'sms', nowMs: NOON });
        await granted({ nowMs: NOON + 2 * HOUR });
        const { records, marks, learned } = await room.store.read('user-1');
        expect([records.length, marks.length, learned]).toEqual([2, 1, less]);

        await room.store.learn(['user-1', 'user-2'], async () => [undefined, undefined]);
        expect(await room.store.read('user-1')).toEqual({ records, marks });
        expect(await room.store.read('user-2')).toEqual({ records: [], marks: [] });
      });

      it('is asked for anew when somebody else learned meanwhile, and kept when anything else happened', async () => {
        const asked: string[] = [];
        await room.store.learn(['user-1'], async () => {
          asked.push('old');
          if (asked.length > 1) return [more];
          await granted();
          await room.store.learn(['user-1'], async () => {
            asked.push('new');
            return [more];
          });
          return [less];
        });
        expect(asked).toEqual(['old', 'new', 'old']);
        expect(await readLearned('user-1')).toEqual(more);
        await room.store.learn(['user-1'], async () => {
          asked.push('again');
          await granted({ nowMs: NOON + 3 * HOUR });
          return [less];
        });
        expect(asked.slice(3)).toEqual(['again']);
        expect((await room.store.read('user-1')).records).toHaveLength(2);
        expect(await readLearned('user-1')).toEqual(less);
      });

      it('T7: is not kept in a log that has moved', async () => {
        const learned = new Map([
          ['user-1', less],
          ['user-2', more],
        ]);
        await room.store.learn([...learned.keys()], async (userIds) => userIds.map((id) => learned.get(id)));
        const homes = [{ userId: 'user-1', homeId: 'user-2', seq: 1, inLedger: true }];
        await room.store.takeIn({ userId: 'user-1', homes, arrivals: [] });
        expect(await readLearned('user-1')).toBeUndefined();
        await room.store.learn(['user-1'], async () => [less]);
        expect(await room.store.read('user-1')).toEqual({ records: [], marks: [], homes });
        expect(await readLearned('user-2')).toEqual(more);
      });
    });

    it('prunes what no window reaches any more, and nothing else', async () => {
      const policy = aPolicy({
        caps: [aCap({ window: { kind: 'rolling', windowMs: window(40 * DAY) }, cap: 9 })],
      });
      const { permitId } = await granted({ policy });
      await granted({ policy, nowMs: NOON + 40 * DAY });
      expect((await room.store.read('user-1')).records).toHaveLength(2);
      await granted({ policy, nowMs: NOON + 43 * DAY });
      expect((await room.store.read('user-1')).records.map((record) => record.permitId)).not.toContain(
        permitId,
      );
    });

    describe('restored from the ledger', () => {
      const held = {
        kind: 'reserved',
        userId: 'user-1',
        requestId: 'same',
        permitId: 'permit-of-old',
        channel: 'push',
        campaignType: 'routine',
        shopId: 'shop-1',
        atMs: NOON,
        expiresAtMs: NOON + 10 * MINUTE,
        policyVersion: 7,
        ruleId: 'cap-1',
        reason: 'within_caps',
      } as const satisfies TouchLedgerEntry;
      const permit = { userId: 'user-1', permitId: held.permitId };
      const restore = (...entries: TouchLedgerEntry[]) =>
        room.store.restore(entries, { pruneBeforeMs: NOON - 33 * DAY });

      it('C6: a reservation holds until it expires and answers a repeat', async () => {
        await restore(held);
        expect((await reserve({ nowMs: held.expiresAtMs - 1 })).kind).toBe('refused');
        expect(await reserve({ requestId: 'same' })).toMatchObject({
          kind: 'repeated',
          record: { permitId: held.permitId },
        });
        expect((await reserve({ nowMs: held.expiresAtMs })).kind).toBe('granted');
      });

      it('C6: a commit counts and a release frees, however often the entries come', async () => {
        const committed = { kind: 'committed', ...permit, atMs: NOON + MINUTE, late: false } as const;
        await restore(held, committed, held, committed);
        expect(await reserve({ nowMs: NOON + HOUR })).toMatchObject({
          kind: 'refused',
          decision: { notBeforeMs: NOON + MINUTE + HOUR },
        });
        expect((await room.store.read('user-1')).records).toHaveLength(1);

        const other = { ...held, userId: 'user-2' };
        await restore(other, { kind: 'released', ...permit, userId: 'user-2', atMs: NOON }, other);
        expect((await reserve({ userId: 'user-2' })).kind).toBe('granted');
      });

      it('C6: what the channel reported is known, before or after the commit, and in a copy', async () => {
        const committed = { kind: 'committed', ...permit, atMs: NOON + MINUTE, late: false } as const;
        const reported = { kind: 'outcome', ...permit, channel: 'push', atMs: NOON } as const;
        const undelivered = { ...reported, outcome: 'undelivered', recordedAtMs: NOON } as const;
        const rejected = { ...reported, outcome: 'rejected', recordedAtMs: NOON } as const;
        const failedIn = async (userId: string) => (await room.store.read(userId)).records[0]?.failed;
        const orders: [string, TouchLedgerEntry[], string][] = [
          ['before', [held, undelivered, committed], 'undelivered'],
          ['after', [held, committed, undelivered, held], 'undelivered'],
          ['both', [held, rejected, committed, undelivered], 'rejected'],
          ['copy', [{ ...held, failed: 'undelivered' }, committed], 'undelivered'],
          ['copy over it', [held, committed, { ...held, failed: 'rejected' }, committed], 'rejected'],
        ];
        for (const [userId, entries, expected] of orders) {
          await restore(...entries.map((entry) => ({ ...entry, userId })));
          expect(await failedIn(userId)).toBe(expected);
          expect((await room.store.read(userId)).records).toHaveLength(1);
        }
        const late = { ...rejected, recordedAtMs: held.expiresAtMs + 72 * HOUR + 1 };
        await restore(held, committed, late);
        expect(await failedIn('user-1')).toBeUndefined();
      });

      it('C4: a slot stays taken, in whatever order it is told of', async () => {
        const higher = {
          ...held,
          requestId: 'higher',
          permitId: 'permit-higher',
          priority: 60,
          atMs: NOON + 1,
        };
        const taken = { kind: 'taken', ...permit, takenBy: higher.permitId, atMs: NOON + 1 } as const;
        // The reservation that took it is in the ledger before the one that was taken.
        await restore(held, taken, higher, held, taken);
        const { records } = await room.store.read('user-1');
        expect(records.map(({ state, content }) => [state, content.priority])).toEqual([
          [{ status: 'taken', takenBy: higher.permitId }, undefined],
          [{ status: 'reserved' }, 60],
        ]);
        expect(await reserve({ requestId: 'same' })).toMatchObject({ kind: 'refused', wasTaken: true });

        const atMs = NOON + MINUTE;
        await restore({ kind: 'committed', ...permit, atMs, late: false, taken: true }, taken);
        expect((await room.store.read('user-1')).records[0]?.state).toEqual({
          status: 'committed',
          sentAtMs: atMs,
          late: false,
          taken: true,
        });
      });

      it('C6: two permits of one request both hold, and the later answers', async () => {
        await restore(held, { ...held, permitId: 'permit-answered', atMs: NOON + 1 });
        expect(await reserve({ requestId: 'same' })).toMatchObject({
          record: { permitId: 'permit-answered' },
        });
        expect((await room.store.read('user-1')).records).toHaveLength(2);
      });

      it('C8: whoever is left alone stays so, in whatever order the words come', async () => {
        const word = { kind: 'outcome', userId: 'user-1', recordedAtMs: NOON } as const;
        const entries: TouchLedgerEntry[] = [
          { ...word, outcome: 'resubscribed', atMs: NOON - 2 },
          { ...word, outcome: 'unsubscribed', atMs: NOON - 1 },
          { ...word, outcome: 'opened', channel: 'push', atMs: NOON },
        ];
        await restore(...entries);
        expect((await reserve()).kind).toBe('refused');
        await restore(...entries.toReversed());
        expect((await reserve()).kind).toBe('refused');
        await restore({ ...word, outcome: 'resubscribed', atMs: NOON });
        expect((await reserve()).kind).toBe('granted');
      });

      it('records that ended before the retention may be left out', async () => {
        await restore({ ...held, atMs: NOON - 40 * DAY, expiresAtMs: NOON - 40 * DAY + MINUTE });
        expect((await reserve()).kind).toBe('granted');
      });
    });
  });
}
