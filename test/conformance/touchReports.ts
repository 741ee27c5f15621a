import { describe, expect, it } from 'vitest';
import { window } from '../../src/core/time.js';
import { decideTouch } from '../../src/touch/decideTouch.js';
import { CAP_COUNTS, type TouchFailure } from '../../src/touch/touchFailure.js';
import { aCap, aPolicy, DAY, HOUR, MINUTE } from '../touch/builders.js';
import { aReservation, NOON, type TouchStoreUnderTest } from './touchStoreUnderTest.js';

/** What a touch store must do with what channels report of messages that reached nobody. */
export function touchReportsConformance(room: TouchStoreUnderTest): void {
  const { reserve, granted } = room;
  describe('of what the channel refused or gave up on', () => {
    const OF_ALL = CAP_COUNTS.map((counts) => ({ counts, policy: aPolicy({ caps: [aCap({ counts })] }) }));
    /** The kinds of cap in which the message of user-1 still uses up the slot. */
    const stillCountedBy = async (nowMs: number) => {
      const log = await room.store.read('user-1');
      const { content, timezone } = aReservation();
      return OF_ALL.filter(
        ({ policy }) => decideTouch(log, { content, policy, timezone, nowMs }).kind !== 'allow',
      ).map(({ counts }) => counts);
    };
    const failed = (permitId: string, failure: TouchFailure, nowMs = NOON + 2 * MINUTE) =>
      room.store.fail({ userId: 'user-1', permitId, failure, nowMs });

    it.each([
      ['undelivered' as const, ['attempt', 'accepted']],
      ['rejected' as const, ['attempt']],
    ])('C5: %s frees the slot of a cap that counts no such message, and no other', async (failure, left) => {
      const { permitId } = await granted();
      await room.store.commit({ userId: 'user-1', permitId, nowMs: NOON + MINUTE });
      expect(await stillCountedBy(NOON + 2 * MINUTE)).toEqual([...CAP_COUNTS]);
      await failed(permitId, failure);
      expect(await stillCountedBy(NOON + 2 * MINUTE)).toEqual(left);
      const policy = aPolicy({ caps: [aCap({ counts: 'delivered' })] });
      expect((await reserve({ policy, nowMs: NOON + 2 * MINUTE })).kind).toBe('granted');
    });

    it('C6: a report that comes before the commit frees nothing until that comes', async () => {
      const { permitId, requestId } = await granted();
      await failed(permitId, 'rejected', NOON + MINUTE);
      expect(await stillCountedBy(NOON + MINUTE)).toEqual([...CAP_COUNTS]);
      expect((await reserve({ requestId })).kind).toBe('repeated');
      const permit = { userId: 'user-1', permitId, nowMs: NOON + MINUTE };
      expect(await room.store.commit(permit)).toMatchObject({
        repeated: false,
        record: { failed: 'rejected' },
      });
      expect(await stillCountedBy(NOON + MINUTE)).toEqual(['attempt']);
      expect(await room.store.commit(permit)).toMatchObject({ repeated: true });
    });

    it('C6: of two reports the refusal holds, in whatever order and however often they come', async () => {
      for (const [userId, first, second] of [
        ['user-1', 'rejected', 'undelivered'],
        ['user-2', 'undelivered', 'rejected'],
      ] as const) {
        const { permitId } = await granted({ userId });
        for (const failure of [first, second, first, second]) {
          await room.store.fail({ userId, permitId, failure, nowMs: NOON });
        }
        expect((await room.store.read(userId)).records).toMatchObject([{ permitId, failed: 'rejected' }]);
      }
    });

    it('C6: of an unknown permit, or 72 hours after the end, nothing changes', async () => {
      await room.store.fail({ userId: 'nobody', permitId: 'p-0', failure: 'rejected', nowMs: NOON });
      expect(await room.store.read('nobody')).toEqual({ records: [], marks: [] });
      const { permitId, expiresAtMs } = await granted();
      await room.store.commit({ userId: 'user-1', permitId, nowMs: NOON });
      const before = await room.store.read('user-1');
      await failed(permitId, 'rejected', expiresAtMs + 72 * HOUR + 1);
      await failed('p-0', 'rejected');
      expect(await room.store.read('user-1')).toEqual(before);
      await failed(permitId, 'rejected', expiresAtMs + 72 * HOUR);
      expect((await room.store.read('user-1')).records).toMatchObject([{ failed: 'rejected' }]);
    });

    it('C6: is remembered once the touch is known by its ids no more, as long as that counts', async () => {
      const policy = aPolicy({
        caps: [aCap({ window: { kind: 'rolling', windowMs: window(30 * DAY) }, counts: 'delivered' })],
      });
      const { permitId } = await granted({ policy });
      await room.store.commit({ userId: 'user-1', permitId, nowMs: NOON });
      await failed(permitId, 'undelivered');
      await granted({ policy, nowMs: NOON + 4 * DAY });
      const { records } = await room.store.read('user-1');
      expect(records[0]).toMatchObject({ permitId: '', failed: 'undelivered' });
      expect(await reserve({ policy, nowMs: NOON + 4 * DAY })).toMatchObject({
        kind: 'refused',
        decision: { rules: [{ used: 1 }] },
      });
    });

    it('C6: of a report and reservations at once no more are granted than the cap allows', async () => {
      const policy = aPolicy({ caps: [aCap({ counts: 'accepted' })] });
      const { permitId } = await granted({ policy });
      await room.store.commit({ userId: 'user-1', permitId, nowMs: NOON });
      const nowMs = NOON + 2 * MINUTE;
      const outcomes = await Promise.all([
        ...Array.from({ length: 8 }, () => reserve({ policy, nowMs })),
        failed(permitId, 'rejected').then(() => undefined),
        ...Array.from({ length: 8 }, () => reserve({ policy, nowMs })),
      ]);
      expect(outcomes.filter((one) => one?.kind === 'granted').length).toBeLessThanOrEqual(1);
      expect((await room.store.read('user-1')).records[0]).toMatchObject({ permitId, failed: 'rejected' });
    });
  });

  it('an unknown permit is unknown', async () => {
    const permit = { userId: 'user-1', permitId: 'no-such', nowMs: NOON };
    expect(await room.store.commit(permit)).toEqual({ kind: 'unknown' });
    expect(await room.store.release(permit)).toEqual({ kind: 'unknown' });
  });

  it('C8: a mark refuses at once, even a repeat, and resubscribing undoes it', async () => {
    const policy = aPolicy();
    await granted({ requestId: 'same', policy });
    await room.store.mark({ userId: 'user-1', outcome: 'blocked', nowMs: NOON });
    for (const requestId of ['same', 'new']) {
      expect(await reserve({ requestId, policy })).toMatchObject({
        kind: 'refused',
        decision: { kind: 'deny', reason: 'left_alone' },
      });
    }
    await room.store.mark({ userId: 'user-1', outcome: 'resubscribed', nowMs: NOON });
    expect((await reserve({ requestId: 'same', policy })).kind).toBe('repeated');
    expect((await reserve({ requestId: 'new', policy })).kind).toBe('granted');
  });

  it('C8: a mark without a time of its own is the last word, whatever the clock says', async () => {
    await room.store.mark({ userId: 'user-1', outcome: 'resubscribed', nowMs: NOON });
    const mark = await room.store.mark({
      userId: 'user-1',
      outcome: 'muted',
      channel: 'push',
      nowMs: NOON - DAY,
    });
    expect(mark.atMs).toBeGreaterThan(NOON);
    expect(await reserve()).toMatchObject({ decision: { reason: 'left_alone' } });
  });

  it('C8: a word told late does not undo what was said after it', async () => {
    await room.store.mark({ userId: 'user-1', outcome: 'unsubscribed', nowMs: NOON });
    await room.store.mark({ userId: 'user-1', outcome: 'resubscribed', occurredAtMs: NOON - 1, nowMs: NOON });
    expect((await reserve()).kind).toBe('refused');
  });
}
