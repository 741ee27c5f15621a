import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CHANNELS } from '../../src/core/vocabulary.js';
import {
  type ConsentMark,
  LEAVE_ALONE_OUTCOMES,
  leftAlone,
  timeOfWord,
  withMark,
} from '../../src/touch/leaveAlone.js';

const CHANNEL = fc.constantFrom(undefined, 'push' as const, 'sms' as const);
const OUTCOME = fc.constantFrom(...LEAVE_ALONE_OUTCOMES, 'resubscribed' as const);
const MARKS: fc.Arbitrary<ConsentMark[]> = fc.array(
  fc
    .record({ channel: CHANNEL, outcome: OUTCOME, atMs: fc.nat(6) })
    .map(({ channel, ...mark }) => (channel === undefined ? mark : { ...mark, channel })),
  { maxLength: 8 },
);
const applied = (marks: readonly ConsentMark[]) => marks.reduce<readonly ConsentMark[]>(withMark, []);
const silent = (marks: readonly ConsentMark[]) =>
  CHANNELS.filter((channel) => leftAlone(marks, channel) !== undefined);

describe('being left alone', () => {
  it('C8: the last word on a channel or on all of them holds, and at a tie the no', () => {
    fc.assert(
      fc.property(MARKS, (marks) => {
        const expected = CHANNELS.filter((channel) => {
          const about = marks.filter((mark) => (mark.channel ?? channel) === channel);
          const latest = Math.max(...about.map(({ atMs }) => atMs));
          return about.some(({ atMs, outcome }) => atMs === latest && outcome !== 'resubscribed');
        });
        expect(silent(applied(marks))).toEqual(expected);
      }),
      { numRuns: 1_000 },
    );
  });

  it('C8: words heard in another order, or twice, leave the same people alone', () => {
    fc.assert(
      fc.property(MARKS, fc.array(fc.nat(1_000), { minLength: 8, maxLength: 8 }), (marks, keys) => {
        const shuffled = marks
          .map((mark, i) => ({ mark, key: keys[i] ?? 0 }))
          .sort((a, b) => a.key - b.key)
          .map(({ mark }) => mark);
        expect(silent(applied([...shuffled, ...marks]))).toEqual(silent(applied(marks)));
      }),
    );
  });

  it('C8: a word without a time of its own comes after all that was said', () => {
    fc.assert(
      fc.property(MARKS, OUTCOME, fc.nat(6), (marks, outcome, nowMs) => {
        const known = applied(marks);
        const after = withMark(known, { outcome, atMs: timeOfWord(known, nowMs) });
        expect(silent(after)).toEqual(outcome === 'resubscribed' ? [] : [...CHANNELS]);
      }),
    );
  });
});
