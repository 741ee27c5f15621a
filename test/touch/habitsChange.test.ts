import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DecisionInput, decideTouch, type TouchDecision } from '../../src/touch/decideTouch.js';
import { DEFAULT_HABITS } from '../../src/touch/habits.js';
import type { StoredHabits } from '../../src/touch/habitsBySegment.js';
import type { LearnedPerson } from '../../src/touch/learnedPerson.js';
import { LearningTimes } from '../../src/touch/learningTimes.js';
import { HABITS_NOTICE_MS } from '../../src/touch/refreshHabits.js';
import { aCap, aPolicy, aQuietRule, aRecord, DAY, HOUR, MINUTE } from './builders.js';

const MONDAY = Date.UTC(2025, 5, 2);
/** 2 June 2025, as `LearnedPerson.day` counts. */
const DAY_OF_MONDAY = 1_979;
/** How long after it was written a server may come to know of new habits. */
const LAG_MS = 10 * MINUTE;

/** A curve of the day's hours, and when on its day somebody looked at people. */
const looked = fc.record({
  sinceMidnightMs: fc.nat(DAY - 1),
  openCurve: fc.array(fc.constantFrom(1, 1, 1, 4, 9), { minLength: 24, maxLength: 24 }),
});
const learned = fc.record({
  budgetLevel: fc.constant(149),
  day: fc.integer({ min: DAY_OF_MONDAY, max: DAY_OF_MONDAY + 4 }),
  sendsLevel: fc.integer({ min: 20, max: 77 }),
  opensLevel: fc.nat(20),
  softNegativesLevel: fc.constant(0),
  unsubscribesLevel: fc.constant(0),
  hours: fc.constantFrom<LearnedPerson['hours']>([], [{ hour: 9, sendsLevel: 6, openedFifteenths: 0 }]),
});
const asked = fc.record({
  habits: fc.array(looked, { minLength: 14, maxLength: 14 }),
  learned: fc.option(learned, { nil: undefined }),
  askedAtMs: fc.integer({ min: 5 * DAY, max: 8 * DAY }),
  sentHoursAgo: fc.nat(6 * 24),
  lagsMs: fc.tuple(fc.nat(LAG_MS), fc.nat(LAG_MS), fc.nat(LAG_MS)),
  between: fc.double({ min: 0, max: 1, noNaN: true }),
  timezone: fc.constantFrom('UTC', 'Asia/Shanghai', 'America/New_York'),
});

describe('a wait for a good hour while habits change by themselves', () => {
  it('C2: property: ends at not_before and at no moment earlier, for newcomers and for those who are known', () => {
    let waits = 0;
    fc.assert(
      fc.property(asked, ({ habits, learned: known, sentHoursAgo, lagsMs, between, timezone, ...facts }) => {
        const looks = habits.map(({ sinceMidnightMs, openCurve }, day) => {
          const atMs = MONDAY + day * DAY + sinceMidnightMs;
          const segments = [{ ...DEFAULT_HABITS, openCurve }];
          return { atMs, stored: { fromMs: atMs + HABITS_NOTICE_MS, segments } };
        });
        // Who was never written to has no cap in the way for days.
        const records =
          known === undefined ? [] : [aRecord({ sentAtMs: MONDAY + facts.askedAtMs - sentHoursAgo * HOUR })];
        const ask = (nowMs: number, lagMs = 0): TouchDecision =>
          decideTouch(
            { records, marks: [], ...(known && { learned: known }) },
            {
              ...QUESTION,
              timezone,
              nowMs,
              learning: {
                habits: courseOf(
                  looks.filter(({ atMs }) => atMs + lagMs <= nowMs).map(({ stored }) => stored),
                ),
              },
            },
          );
        const startMs = MONDAY + facts.askedAtMs;
        const answer = ask(startMs, lagsMs[0]);
        if (answer.kind !== 'delay') return;
        waits += 1;
        const { notBeforeMs } = answer;
        expect(ask(notBeforeMs, lagsMs[1]).kind).toBe('allow');
        for (const atMs of [notBeforeMs - 1, Math.floor(startMs + between * (notBeforeMs - 1 - startMs))]) {
          expect(ask(atMs, lagsMs[2])).toMatchObject({ kind: 'delay', notBeforeMs });
        }
      }),
      { numRuns: 1_000 },
    );
    expect(waits).toBeGreaterThan(500);
  });
});

const QUESTION: Pick<DecisionInput, 'content' | 'policy'> = {
  content: { channel: 'email', campaignType: 'routine' },
  policy: aPolicy({
    caps: [aCap({ window: { kind: 'rolling', windowMs: (7 * DAY) as never } })],
    quietHours: [aQuietRule()],
    learning: { goodHour: { exploredRatio: 0, shadow: false } },
  }),
};

function courseOf(habits: readonly StoredHabits[]) {
  return new LearningTimes({ policies: [], habits }).habitsCourse({});
}
