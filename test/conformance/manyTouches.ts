import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { ttl } from '../../src/core/time.js';
import { TouchesMovedError } from '../../src/touch/touchHome.js';
import type { Reservation, ReserveOutcome, TouchStore } from '../../src/touch/touchStore.js';
import { aCap, aPolicy, HOUR, MINUTE } from '../touch/builders.js';

const NOON = Date.UTC(2025, 5, 1, 12);

let permitsBuilt = 0;

/** A reservation of a routine push at noon, under ids of its own, at most one an hour. */
function aReservation(facts: Partial<Reservation> = {}): Reservation {
  permitsBuilt += 1;
  return {
    userId: 'user-1',
    requestId: `request-${permitsBuilt}`,
    permitId: `permit-${permitsBuilt}`,
    content: { channel: 'push', campaignType: 'routine' },
    policy: aPolicy({ caps: [aCap()] }),
    timezone: 'UTC',
    nowMs: NOON,
    ttlMs: ttl(10 * MINUTE),
    ...facts,
  };
}

/** One of a few requests of a few people, some of them for another message under the same request id. */
const anAsk = fc.record({
  person: fc.integer({ min: 0, max: 4 }),
  request: fc.integer({ min: 0, max: 3 }),
  channel: fc.constantFrom('push' as const, 'sms' as const),
  afterMs: fc.constantFrom(0, MINUTE, 11 * MINUTE),
});

/** What every back end of the touch store must do for many at once. `makeStore` gives an empty store. */
export function manyTouchesConformance(name: string, makeStore: () => Promise<TouchStore>): void {
  describe(`${name} asked for many`, () => {
    let store: TouchStore;
    let runs = 0;
    beforeAll(async () => {
      store = await makeStore();
    });

    it('reads the logs of many in the order given, of people in every partition', async () => {
      const people = Array.from({ length: 300 }, (_, i) => `read-${i}`);
      for (const userId of people.slice(0, 5)) await store.reserve(aReservation({ userId }));
      const logs = await store.readMany(people.toReversed());
      expect(logs).toHaveLength(300);
      for (const [i, userId] of people.toReversed().entries()) {
        expect(logs[i]).toEqual(await store.read(userId));
      }
      expect(await store.readMany([])).toEqual([]);
      expect(await store.reserveMany([])).toEqual([]);
    });

    it('C6: answers as single calls one after the other, and leaves the same logs', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(anAsk, { maxLength: 12 }),
          fc.integer({ min: 1, max: 2 }),
          async (asks, cap) => {
            runs += 1;
            const policy = aPolicy({ caps: [aCap({ cap })] });
            const reservations = asks.map(({ person, request, channel, afterMs }) =>
              aReservation({
                userId: `${runs}-${person}`,
                requestId: `request-${request}`,
                content: { channel, campaignType: 'routine' },
                policy,
                nowMs: NOON + afterMs,
              }),
            );
            const together = await store.reserveMany(
              reservations.map((reservation) => ({ ...reservation, userId: `many-${reservation.userId}` })),
            );
            const apart: ReserveOutcome[] = [];
            for (const reservation of reservations) apart.push(await store.reserve(reservation));
            expect(together).toEqual(apart);
            const people = [0, 1, 2, 3, 4].map((person) => `${runs}-${person}`);
            expect(await store.readMany(people.map((userId) => `many-${userId}`))).toEqual(
              await store.readMany(people),
            );
          },
        ),
        { numRuns: 25 },
      );
    });

    it('C6: of batches and single calls at once no more are granted than the cap allows', async () => {
      const policy = aPolicy({ caps: [aCap({ cap: 3 })] });
      const people = Array.from({ length: 150 }, (_, i) => `busy-${i}`);
      const all = () => people.map((userId) => aReservation({ userId, policy }));
      const [singles, ...batches] = await Promise.all([
        Promise.all(all().map((reservation) => store.reserve(reservation))),
        ...Array.from({ length: 6 }, () => store.reserveMany(all())),
      ]);
      const kinds = [singles, ...batches]
        .flat()
        .map((outcome) => (outcome instanceof Error ? outcome.message : outcome.kind));
      expect(kinds.filter((kind) => kind === 'granted')).toHaveLength(3 * people.length);
      expect(kinds.filter((kind) => kind === 'refused')).toHaveLength(4 * people.length);
      for (const userId of people) expect((await store.read(userId)).records).toHaveLength(3);
    });

    it('C6: the same batch at once from many is one permit a request', async () => {
      const asked = Array.from({ length: 20 }, (_, i) => ({ userId: `same-${i}`, requestId: 'same' }));
      const answers = await Promise.all(
        Array.from({ length: 5 }, () => store.reserveMany(asked.map((facts) => aReservation(facts)))),
      );
      for (let i = 0; i < asked.length; i += 1) {
        const outcomes = answers.map((answer) => answer[i]!);
        const permits = outcomes.map((outcome) =>
          'record' in outcome ? outcome.record.permitId : outcome.toString(),
        );
        expect(new Set(permits).size).toBe(1);
      }
    });

    it('T7: says of each whose touches are kept elsewhere where that is, and does the others', async () => {
      const word = { userId: 'guest', homeId: 'host', seq: 1, inLedger: true };
      await store.takeIn({ userId: 'guest', homes: [word], arrivals: [] });
      await store.takeIn({ userId: 'host', homes: [word], arrivals: [] });
      const [astray, other, home] = await store.reserveMany([
        aReservation({ userId: 'guest' }),
        aReservation({ userId: 'other' }),
        aReservation({ userId: 'guest', homeId: 'host' }),
      ]);
      expect(astray).toBeInstanceOf(TouchesMovedError);
      expect(astray).toMatchObject({ homeId: 'host' });
      expect(other).toMatchObject({ kind: 'granted' });
      expect(home).toMatchObject({ kind: 'granted' });
      expect((await store.read('host')).records).toHaveLength(1);
    });

    it('C8: a word that is kept is obeyed by every batch after it', async () => {
      await store.mark({ userId: 'muter', outcome: 'muted', nowMs: NOON - HOUR });
      const [muted] = await store.reserveMany([aReservation({ userId: 'muter' })]);
      expect(muted).toMatchObject({ kind: 'refused', decision: { reason: 'left_alone' } });
    });
  });
}
