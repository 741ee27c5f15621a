import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { foldPerson } from '../../src/touch/foldPerson.js';
import { DEFAULT_HABITS, type Habits } from '../../src/touch/habits.js';
import {
  type LearnedPerson,
  learnedAtMs,
  learnedBudget,
  learnedCounts,
  learnedHours,
  learnedPerson,
} from '../../src/touch/learnedPerson.js';
import { LearningTimes } from '../../src/touch/learningTimes.js';
import { newPermitId } from '../../src/touch/permitId.js';
import type { TouchLedgerEntry } from '../../src/touch/touchLedger.js';
import { NOON_MS } from '../support/builders.js';
import { aPolicy, DAY, HOUR, MINUTE } from './builders.js';

const FACTS = { timezone: 'UTC', traits: {} };

function times({
  from = 0,
  defaultPerDay = 0.5,
  habits = [],
}: {
  from?: number;
  defaultPerDay?: number;
  habits?: { fromMs: number; openRatio: number }[];
} = {}): LearningTimes {
  const policy = aPolicy({ version: 1, learning: { budget: { defaultPerDay, shadow: false } } });
  return new LearningTimes({
    policies: [{ policy, storedAtMs: from }],
    habits: habits.map(({ fromMs, openRatio }) => ({
      fromMs,
      segments: [{ ...DEFAULT_HABITS, prior: { ...DEFAULT_HABITS.prior, openRatio } } satisfies Habits],
    })),
  });
}

/** A message to `u`, and what became of it. */
function touch(sentAtMs: number, ...answers: ('opened' | 'dismissed' | 'delivered')[]): TouchLedgerEntry[] {
  const permitId = newPermitId({ userId: 'u', channel: 'email' });
  return [
    {
      kind: 'reserved',
      userId: 'u',
      requestId: permitId,
      permitId,
      channel: 'email',
      campaignType: 'routine',
      atMs: sentAtMs - MINUTE,
      expiresAtMs: sentAtMs + HOUR,
      policyVersion: 1,
      ruleId: 'no_rule',
      reason: 'within_caps',
    },
    { kind: 'committed', userId: 'u', permitId, atMs: sentAtMs, late: false },
    ...answers.map(
      (outcome): TouchLedgerEntry => ({
        kind: 'outcome',
        userId: 'u',
        permitId,
        outcome,
        atMs: sentAtMs + 2 * HOUR,
        recordedAtMs: sentAtMs + 2 * HOUR,
      }),
    ),
  ];
}

const messages = fc
  .array(
    fc.record({
      hours: fc.integer({ min: 0, max: 24 * 60 }),
      answers: fc.subarray(['opened', 'dismissed', 'delivered'] as const),
    }),
    { minLength: 1, maxLength: 25 },
  )
  .map((sent) => sent.flatMap(({ hours, answers }) => touch(NOON_MS + hours * HOUR, ...answers)));

describe('what was learned of a person', () => {
  it('C1: is the same whatever the order of the entries, and however often they stand there (T7)', () => {
    fc.assert(
      fc.property(messages, fc.infiniteStream(fc.nat()), (entries, order) => {
        const told = foldPerson(entries, { ...FACTS, times: times() });
        const shuffled = [...entries, ...entries]
          .map((entry) => ({ entry, at: order.next().value as number }))
          .sort((a, b) => a.at - b.at)
          .map(({ entry }) => entry);
        expect(foldPerson(shuffled, { ...FACTS, times: times() })).toEqual(told);
      }),
      { numRuns: 200 },
    );
  });

  it('C1: rises with opens and falls with negatives', () => {
    const budgetOf = (...answers: ('opened' | 'dismissed')[][]) => {
      const entries = answers.flatMap((own, n) => touch(NOON_MS + n * DAY, ...own));
      return learnedBudget(foldPerson(entries, { ...FACTS, times: times() }) as LearnedPerson);
    };
    const ten = <Answer>(answer: Answer) => Array.from({ length: 20 }, () => answer);
    expect(budgetOf(...ten(['opened' as const]))).toBeGreaterThan(0.6);
    expect(budgetOf(...ten([]))).toBeLessThan(0.45);
    expect(budgetOf(...ten(['dismissed' as const]))).toBeCloseTo(1 / 7, 5);
  });

  it('C1: is nothing where nothing happened, or nothing was ever to be learned', () => {
    expect(foldPerson([], { ...FACTS, times: times() })).toBeUndefined();
    const off = new LearningTimes({ policies: [], habits: [] });
    expect(off.isAny).toBe(false);
    expect(foldPerson(touch(NOON_MS, 'opened'), { ...FACTS, times: off })).toBeUndefined();
  });

  it('C1: takes each message by what was believed when it went out, so later beliefs change nothing', () => {
    const entries = Array.from({ length: 12 }, (_, n) =>
      touch(NOON_MS + n * DAY, n % 2 === 0 ? 'opened' : 'delivered'),
    ).flat();
    const before = { fromMs: 0, openRatio: 0.2 };
    const known = foldPerson(entries, { ...FACTS, times: times({ habits: [before] }) });
    const after = { fromMs: NOON_MS + 20 * DAY, openRatio: 0.9 };
    expect(foldPerson(entries, { ...FACTS, times: times({ habits: [before, after] }) })).toEqual(known);
    const midway = { fromMs: NOON_MS + 4 * DAY, openRatio: 0.9 };
    expect(foldPerson(entries, { ...FACTS, times: times({ habits: [before, midway] }) })).not.toEqual(known);
  });

  it('C1: counts what was sent before learning was switched on, and not what bypasses caps', () => {
    const entries = Array.from({ length: 6 }, (_, n) => touch(NOON_MS + n * DAY)).flat();
    const told = foldPerson(entries, { ...FACTS, times: times() });
    expect(foldPerson(entries, { ...FACTS, times: times({ from: NOON_MS + 90 * DAY }) })).toEqual(told);
    const notices = entries.map((entry) =>
      entry.kind === 'reserved' ? { ...entry, campaignType: 'transactional' } : entry,
    );
    const policy = {
      ...aPolicy({ learning: { budget: { shadow: false } } }),
      campaignTypes: [
        {
          campaignType: 'transactional',
          bypassesCaps: true,
          countsTowardCaps: false,
          bypassesQuietHours: true,
        },
      ],
    };
    const strict = new LearningTimes({ policies: [{ policy, storedAtMs: 0 }], habits: [] });
    expect(foldPerson(notices, { ...FACTS, times: strict })).toBeUndefined();
  });

  it('C1, C2: is kept to a few hundredths, at the hours that tell most', () => {
    const decayed = (sum: number) => ({ landmarkMs: NOON_MS, sum });
    const none = decayed(0);
    const hours = {
      sends: Array.from({ length: 24 }, () => none),
      opens: Array.from({ length: 24 }, () => none),
    };
    // As many at ten hours, of which those of the last are opened.
    for (let hour = 8; hour < 18; hour += 1) hours.sends[hour] = decayed(6);
    hours.opens[17] = decayed(6);
    const tolerance = {
      budgetPerDay: 0.73,
      atMs: NOON_MS,
      sends: decayed(31),
      opens: decayed(7.5),
      softNegatives: decayed(2),
      unsubscribes: none,
    };
    const learned = learnedPerson(tolerance, hours) as LearnedPerson;
    expect(learnedBudget(learned) / 0.73).toBeCloseTo(1, 1);
    expect(Math.abs(Math.log(learnedBudget(learned) / 0.73))).toBeLessThan(0.007);
    const counts = learnedCounts(learned);
    expect(Math.abs(counts.sends / 31 - 1)).toBeLessThan(0.02);
    expect(Math.abs(counts.opens / 7.5 - 1)).toBeLessThan(0.02);
    expect(Math.abs(counts.softNegatives / 2 - 1)).toBeLessThan(0.2);
    expect(counts.unsubscribes).toBe(0);
    expect(learnedAtMs(learned)).toBe(NOON_MS - (NOON_MS % DAY));
    expect(learned.hours.map(({ hour }) => hour)).toContain(17);
    const kept = learnedHours(learned);
    expect(kept.opens[17]).toBe(kept.sends[17]);
    expect(kept.sends.filter((count) => count > 0)).toHaveLength(6);
  });
});
