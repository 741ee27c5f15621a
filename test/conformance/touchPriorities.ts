import { describe, expect, it } from 'vitest';
import type { Reservation } from '../../src/touch/touchStore.js';
import { aCap, aPolicy, DAY, HOUR, MINUTE } from '../touch/builders.js';
import { aReservation, NOON, type TouchStoreUnderTest } from './touchStoreUnderTest.js';

/** What a touch store must do where one reservation takes the slots of others (C4). */
export function touchPrioritiesConformance(room: TouchStoreUnderTest): void {
  const { reserve, granted } = room;
  describe('C4: with a reservation of higher priority', () => {
    const urgent = { channel: 'push', campaignType: 'routine', shopId: 'shop-1', priority: 60 } as const;

    /** A routine reservation, and one that took its slot. */
    async function taken(facts: Partial<Reservation> = {}) {
      const lower = await granted({ requestId: 'lower', ...facts });
      const outcome = await reserve({ requestId: 'higher', content: urgent, ...facts });
      if (outcome.kind !== 'granted') throw new Error(`expected a grant, got ${outcome.kind}`);
      return { lower, higher: outcome.record, outcome };
    }

    it('it takes the slot in the same step, once, and a repeat knows whose', async () => {
      const { lower, higher, outcome } = await taken();
      const state = { status: 'taken', takenBy: higher.permitId };
      expect(outcome).toMatchObject({
        decision: { kind: 'allow', reason: 'takes_reservation', takes: [lower] },
        taken: [{ ...lower, state }],
        wasTaken: false,
      });
      expect((await room.store.read('user-1')).records).toEqual([{ ...lower, state }, higher]);
      expect(await reserve({ requestId: 'higher', content: urgent })).toMatchObject({
        kind: 'repeated',
        record: { permitId: higher.permitId, content: urgent },
        taken: [{ permitId: lower.permitId, state }],
        decision: { kind: 'allow', reason: 'takes_reservation' },
      });
      expect((await reserve({ content: { ...urgent, priority: 61 } })).kind).toBe('granted');
      expect((await reserve({ content: { ...urgent, priority: 61 } })).kind).toBe('refused');
    });

    it('a repeat of the one taken says so, and is decided afresh', async () => {
      const { lower, higher } = await taken();
      expect(await reserve({ requestId: 'lower' })).toMatchObject({ kind: 'refused', wasTaken: true });
      await room.store.release({ userId: 'user-1', permitId: higher.permitId, nowMs: NOON });
      const again = await reserve({ requestId: 'lower' });
      expect(again).toMatchObject({ kind: 'granted', wasTaken: true });
      expect(again).not.toMatchObject({ record: { permitId: lower.permitId } });
      expect(await reserve({ requestId: 'lower' })).toMatchObject({ kind: 'repeated' });
    });

    it('a commit of the one taken counts and says so, late or not, and a release of it too', async () => {
      const { lower, higher } = await taken();
      const permit = { userId: 'user-1', permitId: lower.permitId };
      expect(await room.store.commit({ ...permit, nowMs: NOON + MINUTE })).toMatchObject({
        kind: 'committed',
        repeated: false,
        record: { state: { status: 'committed', sentAtMs: NOON + MINUTE, late: false, taken: true } },
      });
      expect(await room.store.commit({ ...permit, nowMs: NOON + HOUR })).toMatchObject({
        repeated: true,
        record: { state: { sentAtMs: NOON + MINUTE, taken: true } },
      });
      // The cap is full by the message that went out, so the one that took its slot is told no more.
      expect(await reserve({ requestId: 'higher', content: urgent, nowMs: NOON + MINUTE })).toMatchObject({
        kind: 'refused',
        decision: { reason: 'cap_reached', notBeforeMs: NOON + MINUTE + HOUR },
      });
      const kept = { userId: 'user-1', permitId: higher.permitId, nowMs: NOON + MINUTE };
      expect(await room.store.commit(kept)).toMatchObject({ record: { state: { late: false } } });

      const other = await taken({ userId: 'user-2' });
      const nowMs = other.lower.expiresAtMs;
      const late = { userId: 'user-2', permitId: other.lower.permitId, nowMs };
      expect(await room.store.commit(late)).toMatchObject({ record: { state: { late: true, taken: true } } });

      const third = await taken({ userId: 'user-3' });
      const given = { userId: 'user-3', permitId: third.lower.permitId, nowMs: NOON };
      expect(await room.store.release(given)).toMatchObject({
        kind: 'released',
        expired: false,
        taken: true,
      });
      expect(await room.store.release(given)).toMatchObject({ kind: 'released', taken: false });
    });

    it('a slot that was taken is not committed by whoever has not sent yet, and counts nothing', async () => {
      const { lower, higher } = await taken();
      const before = await room.store.read('user-1');
      const unsent = { userId: 'user-1', nowMs: NOON + MINUTE, onlyIfHeld: true };
      expect(await room.store.commit({ ...unsent, permitId: lower.permitId })).toEqual({
        kind: 'not_held',
        taken: true,
      });
      expect(await room.store.read('user-1')).toEqual(before);
      expect(await room.store.commit({ ...unsent, permitId: higher.permitId })).toMatchObject({
        kind: 'committed',
      });
    });

    it('C6: of many at once no more hold a slot than the cap allows, and none below one that was refused', async () => {
      const policy = aPolicy({ caps: [aCap({ cap: 3 })] });
      const outcomes = await Promise.all(
        Array.from({ length: 24 }, (_, i) => {
          const priority = 1 + ((i * 7) % 24);
          return reserve({ policy, requestId: `r${i}`, content: { ...urgent, priority } });
        }),
      );
      const { records } = await room.store.read('user-1');
      const held = records.filter(({ state }) => state.status === 'reserved');
      expect(held.map(({ content }) => content.priority).sort()).toEqual([22, 23, 24]);
      const granted = outcomes.filter(({ kind }) => kind === 'granted').length;
      expect(records.filter(({ state }) => state.status === 'taken')).toHaveLength(granted - 3);
    });

    it('many at once are decided in their order, each on what the one before left', async () => {
      const [lower, higher, last] = await room.store.reserveMany([
        aReservation(),
        aReservation({ content: urgent }),
        aReservation(),
      ]);
      expect(lower).toMatchObject({ kind: 'granted' });
      expect(higher).toMatchObject({ kind: 'granted', taken: [{ state: { status: 'taken' } }] });
      expect(last).toMatchObject({ kind: 'refused', decision: { reason: 'cap_reached' } });
    });

    it('what is held for a promotion since takes no permit from who has one', async () => {
      const content = { channel: 'push', campaignType: 'routine' } as const;
      await granted({ requestId: 'same', content });
      const promotion = {
        id: 'double11',
        campaignTypes: ['double11'],
        startMs: NOON,
        endMs: NOON + DAY,
        heldSlots: [{ ruleId: 'cap-1', slots: 1 }],
      };
      const policy = aPolicy({ caps: [aCap()], promotions: [promotion] });
      expect((await reserve({ requestId: 'same', content, policy })).kind).toBe('repeated');
      expect(await reserve({ content, policy, userId: 'user-2' })).toMatchObject({
        kind: 'refused',
        decision: { reason: 'slots_held', notBeforeMs: NOON + DAY },
      });
    });

    it('T7: is taken in both logs once its touches moved, whatever the other knew', async () => {
      const { lower, higher } = await taken({ userId: 'wx-1' });
      const { records } = await room.store.read('wx-1');
      const homes = [{ userId: 'wx-1', homeId: 'user-1', seq: 1, inLedger: false }];
      const before = { records: [{ ...lower, state: { status: 'reserved' } as const }], marks: [] };
      const arrivals = [
        { fromId: 'wx-1', touches: before },
        { fromId: 'wx-1', touches: { records, marks: [] } },
      ];
      await room.store.takeIn({ userId: 'wx-1', homes, arrivals: [] });
      for (const order of [arrivals, arrivals.toReversed()]) {
        const { log } = await room.store.takeIn({ userId: 'user-1', homes, arrivals: order });
        expect(
          log.records.map(({ permitId, state, content }) => [permitId, state, content.priority]),
        ).toEqual([
          [lower.permitId, { status: 'taken', takenBy: higher.permitId }, undefined],
          [higher.permitId, { status: 'reserved' }, 60],
        ]);
      }
    });
  });
}
