import { beforeEach, describe, expect, it } from 'vitest';
import { ttl } from '../../src/core/time.js';
import { entriesOfLog, homeEntries } from '../../src/touch/homeEntries.js';
import { newPermitId } from '../../src/touch/permitId.js';
import { TouchesMovedError, type TouchHome } from '../../src/touch/touchHome.js';
import type { TouchStore } from '../../src/touch/touchStore.js';
import type { UserTouchLog } from '../../src/touch/userTouchLog.js';
import { aCap, aPolicy, HOUR, MINUTE } from '../touch/builders.js';

const NOON = Date.UTC(2025, 5, 1, 12);
const PRUNE = { pruneBeforeMs: NOON - 40 * 24 * HOUR };

/**
 * What every back end of the touch store must do with the touches of linked ids (T7). `makeStore`
 * gives an empty store.
 */
export function touchHomesConformance(name: string, makeStore: () => Promise<TouchStore>): void {
  describe(`${name}, of linked ids`, () => {
    let store: TouchStore;
    let requests = 0;
    beforeEach(async () => {
      store = await makeStore();
    });

    const reserve = (userId: string, homeId?: string) =>
      store.reserve({
        userId,
        ...(homeId !== undefined && { homeId }),
        requestId: `request-${++requests}`,
        permitId: newPermitId({ userId, channel: 'push' }),
        content: { channel: 'push', campaignType: 'routine' },
        policy: aPolicy({ caps: [aCap({ cap: 2 })] }),
        timezone: 'UTC',
        nowMs: NOON,
        ttlMs: ttl(10 * MINUTE),
      });
    const granted = async (userId: string, homeId?: string) => {
      const outcome = await reserve(userId, homeId);
      if (outcome.kind !== 'granted') throw new Error(`expected a grant, got ${outcome.kind}`);
      return outcome.record;
    };
    const word = (userId: string, homeId: string, seq: number): TouchHome => ({
      userId,
      homeId,
      seq,
      inLedger: false,
    });
    /** Closes the log of `fromId` and brings what is in it to `homeId`. */
    const move = async (fromId: string, homeId: string, seq: number) => {
      const homes = [word(homeId, homeId, seq), word(fromId, homeId, seq)];
      const { log } = await store.takeIn({ userId: fromId, homes: homes.slice(1), arrivals: [] });
      return store.takeIn({ userId: homeId, homes, arrivals: [{ fromId, touches: log }] });
    };

    it('T7 C6: the touches of both count in the home, and the other log does nothing any more', async () => {
      const { permitId } = await granted('b');
      await granted('a');
      const { log, changed } = await move('b', 'a', 1);
      expect([changed, log.records.length]).toEqual([true, 2]);
      for (const userId of ['a', 'b']) expect((await reserve(userId, 'a')).kind).toBe('refused');

      const closed = [
        () => reserve('b'),
        () => store.commit({ userId: 'b', permitId, nowMs: NOON }),
        () => store.release({ userId: 'b', permitId, nowMs: NOON }),
        () => store.withdraw({ userId: 'b', permitId }),
        () => store.fail({ userId: 'b', permitId, failure: 'rejected', nowMs: NOON }),
        () => store.mark({ userId: 'b', outcome: 'blocked', nowMs: NOON }),
      ];
      for (const call of closed) {
        await expect(call()).rejects.toMatchObject({ homeId: 'a' });
        await expect(call()).rejects.toThrow(TouchesMovedError);
      }
      expect(await store.commit({ userId: 'b', homeId: 'a', permitId, nowMs: NOON })).toMatchObject({
        kind: 'committed',
        record: { permitId },
      });
    });

    it('T7: a log does nothing for an id that it was never told of', async () => {
      await granted('a');
      await expect(reserve('b', 'a')).rejects.toMatchObject({ homeId: 'b' });
      expect((await store.read('a')).records).toHaveLength(1);
    });

    it('T7 C8: a word of any id holds for all', async () => {
      await store.mark({ userId: 'b', outcome: 'unsubscribed', nowMs: NOON });
      await move('b', 'a', 1);
      expect(await reserve('a')).toMatchObject({ decision: { reason: 'left_alone' } });
      await store.mark({ userId: 'b', homeId: 'a', outcome: 'resubscribed', nowMs: NOON });
      expect((await reserve('a')).kind).toBe('granted');
    });

    it('T7: what the channel reported moves along, joins what the home knows, and stands in the entries', async () => {
      const { permitId } = await granted('b');
      await store.commit({ userId: 'b', permitId, nowMs: NOON });
      await store.fail({ userId: 'b', permitId, failure: 'undelivered', nowMs: NOON });
      const { log } = await move('b', 'a', 1);
      expect(log.records).toMatchObject([{ permitId, failed: 'undelivered' }]);

      const heard = log.records.map((record) => ({ ...record, failed: 'rejected' as const }));
      const homes = [word('b', 'a', 2)];
      const again = {
        userId: 'a',
        homes,
        arrivals: [{ fromId: 'b', touches: { records: heard, marks: [] } }],
      };
      expect((await store.takeIn(again)).log.records).toMatchObject([{ permitId, failed: 'rejected' }]);

      const anew = await makeStore();
      await anew.restore(entriesOfLog(await store.read('a'), 'a'), PRUNE);
      expect((await anew.read('a')).records).toMatchObject([{ permitId, failed: 'rejected' }]);
    });

    it('T7: moving again changes nothing; an older word never undoes a later one', async () => {
      await granted('b');
      await store.mark({ userId: 'b', outcome: 'resubscribed', nowMs: NOON });
      const { log } = await move('b', 'a', 5);
      expect(await move('b', 'a', 5)).toEqual({ log, changed: false });
      await store.takeIn({ userId: 'b', homes: [word('b', 'b', 4)], arrivals: [] });
      await expect(reserve('b')).rejects.toMatchObject({ homeId: 'a' });
      await store.takeIn({ userId: 'a', homes: [word('b', 'b', 4)], arrivals: [] });
      expect((await reserve('b', 'a')).kind).toBe('granted');
    });

    it('T7: touches do not come to a log that has moved on itself', async () => {
      await granted('c');
      await move('a', 'b', 2);
      await expect(move('c', 'a', 1)).rejects.toMatchObject({ homeId: 'b' });
      expect((await store.read('c')).records).toHaveLength(1);
    });

    it('T7: of many who ask at once while the touches move, all that were granted are in the home', async () => {
      const outcomes = await Promise.allSettled([
        ...Array.from({ length: 8 }, () => reserve('b')),
        move('b', 'a', 1),
        ...Array.from({ length: 8 }, () => reserve('b')),
      ]);
      const permits = outcomes.flatMap((outcome) =>
        outcome.status === 'fulfilled' && 'kind' in outcome.value && outcome.value.kind === 'granted'
          ? [outcome.value.record.permitId]
          : [],
      );
      const { records } = await store.read('a');
      expect(records.map(({ permitId }) => permitId).sort()).toEqual(permits.sort());
    });

    it('T7: the ledger empties a log that moved, makes the home anew, and lets it in again', async () => {
      await granted('a');
      const { permitId } = await granted('b');
      await store.commit({ userId: 'b', permitId, nowMs: NOON });
      const { log } = await move('b', 'a', 1);
      const entries = [
        ...homeEntries(log.homes ?? [], { userId: 'a', nowMs: NOON }),
        ...entriesOfLog(log, 'a'),
        ...homeEntries([word('b', 'a', 1)], { userId: 'b', nowMs: NOON }),
      ];
      const late = entriesOfLog(log, 'b');
      await store.restore([...entries, ...late], PRUNE);
      const homes = (log.homes ?? []).map((home) => ({ ...home, inLedger: true }));
      expect(await store.read('a')).toEqual({ ...log, homes });
      expect(await store.read('b')).toEqual({
        records: [],
        marks: [],
        homes: [{ ...word('b', 'a', 1), inLedger: true }],
      });

      const anew = await makeStore();
      await anew.restore([...late, ...entries], PRUNE);
      await anew.restore([...late, ...entries], PRUNE);
      const statesOf = ({ records }: UserTouchLog) =>
        new Map(records.map((record) => [record.permitId, record.state]));
      expect(statesOf(await anew.read('a'))).toEqual(statesOf(log));
      expect(await anew.read('b')).toEqual(await store.read('b'));

      await store.takeIn({ userId: 'a', homes: [word('b', 'b', 2)], arrivals: [] });
      await store.takeIn({
        userId: 'b',
        homes: [word('b', 'b', 2)],
        arrivals: [{ fromId: 'a', touches: log }],
      });
      expect((await store.read('b')).records).toHaveLength(2);
      await expect(reserve('b', 'a')).rejects.toMatchObject({ homeId: 'b' });
      expect((await reserve('b')).kind).toBe('refused');
    });
  });
}
