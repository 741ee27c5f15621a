import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addChecksums,
  HISTORY_KEPT,
  HISTORY_TRIMMED_ABOVE,
  historyChecksum,
  isOverlong,
  keptHistory,
} from '../../src/projection/keptHistory.js';
import { packBehaviour, packHistory, packRecords, recordsOf } from '../../src/projection/packedHistory.js';
import { aBehaviour, aContext, NOON_MS } from '../support/builders.js';
import { shopOfOddRevisions as shopOf, someBehaviour } from './packedBehaviours.js';

/** `count` behaviours, a second or none between one and the next, of a few products. */
function aLongHistory({ count, seed }: { count: number; seed: number }): Uint8Array {
  const behaviours = Array.from({ length: count }, (_, i) => ({
    behaviour: aBehaviour({
      productId: `p${(i * 7 + seed) % 5}`,
      occurredAtMs: NOON_MS + ((i * 7_919 + seed * 31) % count) * 500,
    }),
    context: aContext(),
  }));
  return packHistory(behaviours, shopOf);
}

const someSizes = fc.record({ count: fc.integer({ min: 1, max: 3_000 }), seed: fc.nat(1_000) });
const joined = (...histories: Uint8Array[]) => Buffer.concat(histories);
const bytes = (history: Uint8Array) => Buffer.from(history).toString('latin1');

describe('what is kept of a history', () => {
  it('is the newest behaviours, in order of time', () => {
    const kept = recordsOf(keptHistory(aLongHistory({ count: HISTORY_KEPT + 500, seed: 3 })));
    expect(kept).toHaveLength(HISTORY_KEPT);
    const times = kept.map(({ occurredAtMs }) => occurredAtMs);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(times[0]).toBeGreaterThanOrEqual(NOON_MS + 499 * 500);
  });

  it('does not depend on whether or when it was cut before', () => {
    fc.assert(
      fc.property(someSizes, someSizes, (a, b) => {
        const [first, second] = [aLongHistory(a), aLongHistory(b)];
        const whole = bytes(keptHistory(joined(first, second)));
        expect(bytes(keptHistory(joined(keptHistory(first), second)))).toBe(whole);
        expect(bytes(keptHistory(joined(keptHistory(first), keptHistory(second))))).toBe(whole);
        expect(bytes(keptHistory(keptHistory(joined(second, first))))).toBe(whole);
      }),
      { numRuns: 15 },
    );
  });

  it('does not depend on the order in which behaviours arrived', () => {
    const someOrders = fc
      .array(someBehaviour, { minLength: 1, maxLength: 30 })
      .chain((history) =>
        fc.tuple(
          fc.constant(history),
          fc.shuffledSubarray(history, { minLength: history.length, maxLength: history.length }),
        ),
      );
    fc.assert(
      fc.property(someOrders, ([history, shuffled]) => {
        const [a, b] = [packHistory(history, shopOf), packHistory(shuffled, shopOf)];
        expect(bytes(keptHistory(a))).toBe(bytes(keptHistory(b)));
        expect(historyChecksum('ann', a)).toBe(historyChecksum('ann', b));
      }),
    );
  });

  it('is all of it while that is little', () => {
    fc.assert(
      fc.property(fc.array(someBehaviour, { maxLength: 30 }), (history) => {
        const whole = packHistory(history, shopOf);
        expect(recordsOf(keptHistory(whole))).toHaveLength(history.length);
        expect(isOverlong(whole)).toBe(false);
      }),
    );
  });

  it('is due to be cut above twice what is kept', () => {
    const atTheLimit = aLongHistory({ count: HISTORY_TRIMMED_ABOVE, seed: 1 });
    expect(isOverlong(atTheLimit)).toBe(false);
    const oneMore = packBehaviour({ behaviour: aBehaviour(), context: aContext() }, shopOf);
    expect(isOverlong(joined(atTheLimit, oneMore))).toBe(true);
  });
});

describe('the checksum of a history', () => {
  const history = aLongHistory({ count: 30, seed: 1 });

  it('is that of what is kept, cut or not', () => {
    const long = aLongHistory({ count: HISTORY_KEPT + 700, seed: 1 });
    expect(historyChecksum('ann', keptHistory(long))).toBe(historyChecksum('ann', long));
  });

  it('tells people and behaviours apart, also a behaviour that is there twice', () => {
    const records = recordsOf(history);
    const twice = joined(history, packRecords(records.slice(4, 5)));
    const sums = [
      historyChecksum('ann', history),
      historyChecksum('bo', history),
      historyChecksum('ann', packRecords(records.slice(1))),
      historyChecksum('ann', twice),
    ];
    expect(new Set(sums).size).toBe(sums.length);
  });

  it('of nothing is nothing, and sums do not depend on the order of people', () => {
    expect(historyChecksum('ann', new Uint8Array(0))).toBe(0n);
    const sums = ['ann', 'bo', 'cy'].map((userId) => historyChecksum(userId, history));
    const total = sums.reduce(addChecksums, 0n);
    expect(sums.toReversed().reduce(addChecksums, 0n)).toBe(total);
    expect(total).toBeLessThan(2n ** 64n);
  });
});
