import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { window } from '../../src/core/time.js';
import { type DecisionInput, decideTouch } from '../../src/touch/decideTouch.js';
import { defaultTouchPolicy } from '../../src/touch/defaultTouchPolicy.js';
import { DEFAULT_HABITS } from '../../src/touch/habits.js';
import { UNKNOWN_HABITS, unchangingHabits } from '../../src/touch/habitsCourse.js';
import { HOURS_KEPT, type LearnedPerson, MAX_LEVEL, MAX_SMALL_LEVEL } from '../../src/touch/learnedPerson.js';
import type { LearningPolicy } from '../../src/touch/learningPolicy.js';
import type { TouchPolicy } from '../../src/touch/touchPolicy.js';
import { reserveInLog } from '../../src/touch/touchTransitions.js';
import { EMPTY_TOUCH_LOG, type TouchRecord } from '../../src/touch/userTouchLog.js';
import { aCap, aPolicy, aQuietRule, aRecord, DAY, HOUR, MINUTE } from './builders.js';

const MONDAY = Date.UTC(2025, 5, 2);
const BUDGET = { defaultPerDay: 0.5, shadow: false };
const GOOD_HOUR = { exploredRatio: 0, shadow: false };

function learnedOf(facts: Partial<LearnedPerson> = {}): LearnedPerson {
  return {
    budgetLevel: 149,
    day: 1_979,
    sendsLevel: 77,
    opensLevel: 35,
    softNegativesLevel: 0,
    unsubscribesLevel: 0,
    hours: [],
    ...facts,
  };
}

/** Opens everything at one hour, and nothing at six others. */
function readsAt(hour: number): LearnedPerson['hours'] {
  return [hour, 8, 10, 12, 14, 16]
    .map((other, i) => ({ hour: other, sendsLevel: 15, openedFifteenths: i === 0 ? 15 : 0 }))
    .sort((a, b) => a.hour - b.hour);
}

function ask(
  learned: LearnedPerson | undefined,
  {
    learns,
    records = [],
    ...facts
  }: { learns?: LearningPolicy; records?: TouchRecord[] } & Partial<DecisionInput>,
) {
  return decideTouch(
    { records, marks: [], ...(learned && { learned }) },
    {
      content: { channel: 'email', campaignType: 'routine' },
      policy: aPolicy({ ...(learns && { learning: learns }) }),
      timezone: 'UTC',
      nowMs: MONDAY + 9 * HOUR,
      ...facts,
    },
  );
}

describe('a decision with a learned budget', () => {
  it('C1: the budget is one more cap over all messages, with the figures that it was made of', () => {
    const records = [aRecord({ sentAtMs: MONDAY + 8 * HOUR, content: { campaignType: 'content' } })];
    const decision = ask(learnedOf(), { learns: { budget: BUDGET }, records });
    expect(decision).toMatchObject({
      kind: 'delay',
      ruleId: 'tolerance',
      reason: 'budget_spent',
      notBeforeMs: MONDAY + 8 * HOUR + DAY,
      learned: { budget: { isCold: false, habits: DEFAULT_HABITS } },
    });
    expect(decision.words.en).toContain('Learned budget 1.00 a day');
    expect(decision.words.zh).toContain('学习得到的额度');
    const budget = decision.learned?.budget;
    expect(budget?.budgetPerDay).toBeCloseTo(1, 1);
    expect([budget?.sends, budget?.opens].map((count) => Math.round(count ?? 0))).toEqual([10, 2]);
  });

  it('C1: what reached nobody spends no budget', () => {
    const records = [aRecord({ sentAtMs: MONDAY + 8 * HOUR, failed: 'undelivered' })];
    expect(ask(learnedOf(), { learns: { budget: BUDGET }, records })).toMatchObject({
      kind: 'allow',
      rules: [{ ruleId: 'tolerance', used: 0 }],
    });
  });

  it("C1: people of whom nothing is known have the operator's default, or no budget where there is none", () => {
    const records = [aRecord({ sentAtMs: MONDAY })];
    const cold = ask(undefined, { learns: { budget: BUDGET }, records });
    expect(cold).toMatchObject({ ruleId: 'tolerance', notBeforeMs: MONDAY + 2 * DAY });
    expect(cold.words.en).toContain('the default of 0.50 a day holds');
    const without = ask(undefined, { learns: { budget: { shadow: false } }, records });
    expect(without).toMatchObject({ kind: 'allow', ruleId: 'no_rule' });
    expect(without.learned?.budget).toBeUndefined();
  });

  it('C3: a loved shop may write where one that was visited once has to wait', () => {
    const asked = (affinity: number) =>
      ask(learnedOf(), {
        learns: { budget: BUDGET },
        records: [aRecord({ sentAtMs: MONDAY - 6 * HOUR })],
        content: { channel: 'email', campaignType: 'routine', shopId: 'shop-1' },
        learning: { habits: UNKNOWN_HABITS, shop: { affinity, meanAffinity: 4 } },
      });
    expect(asked(16)).toMatchObject({ kind: 'allow', ruleId: 'tolerance' });
    expect(asked(16).learned?.budget?.shopBudgetPerDay).toBeCloseTo(2, 1);
    expect(asked(4)).toMatchObject({ kind: 'delay', notBeforeMs: MONDAY + 18 * HOUR });
    const indifferent = asked(0);
    expect(indifferent).toMatchObject({ kind: 'delay', reason: 'budget_spent' });
    expect(indifferent.learned?.budget?.shopBudgetPerDay).toBeCloseTo(0.5, 1);
    expect(indifferent.words.en).toContain('For this shop it is taken 0.50 times.');
    expect(indifferent.words.zh).toContain('对该店铺按 0.50 倍计');
  });

  it('C1: in the shadow a budget is reported and binds nobody', () => {
    const records = [aRecord({ sentAtMs: MONDAY + 8 * HOUR })];
    const decision = ask(learnedOf(), { learns: { budget: { ...BUDGET, shadow: true } }, records });
    expect(decision).toMatchObject({ kind: 'allow', ruleId: 'no_rule' });
    expect(decision.rules).toMatchObject([{ ruleId: 'tolerance', enforcement: 'shadow', passes: false }]);
    expect(decision.learned?.budget?.budgetPerDay).toBeCloseTo(1, 1);
  });

  it('C1: an order notice is never bound by it, nor is a kind that it is not for', () => {
    const records = [aRecord({ sentAtMs: MONDAY + 8 * HOUR })];
    const asked = (campaignType: string) =>
      ask(learnedOf(), {
        records,
        content: { channel: 'email', campaignType },
        policy: {
          ...aPolicy(),
          campaignTypes: defaultTouchPolicy().campaignTypes,
          learning: { budget: BUDGET, goodHour: GOOD_HOUR, exceptCampaignTypes: ['content'] },
        },
      });
    for (const kind of ['transactional', 'content']) {
      expect(asked(kind)).toMatchObject({ kind: 'allow', ruleId: 'no_rule', rules: [] });
      expect(asked(kind)).not.toHaveProperty('learned');
    }
    expect(asked('routine').kind).toBe('delay');
  });

  it('C6: a repeat gets its permit also when the budget shrank meanwhile', () => {
    const policy = aPolicy({ learning: { budget: BUDGET } });
    const asked = {
      userId: 'u',
      content: { channel: 'email', campaignType: 'routine' },
      policy,
      timezone: 'UTC',
      ttlMs: 10 * MINUTE,
      requestId: 'same',
    } as const;
    const busy = { ...EMPTY_TOUCH_LOG, learned: learnedOf({ budgetLevel: MAX_LEVEL }) };
    const before = { ...busy, records: [aRecord({ sentAtMs: MONDAY })] };
    const first = { ...asked, permitId: 'p1', nowMs: MONDAY + 9 * HOUR } as never;
    const { log, outcome } = reserveInLog(before, first);
    expect(outcome.kind).toBe('granted');
    const shrunk = { ...log, learned: learnedOf({ budgetLevel: 0 }) };
    const again = { ...asked, permitId: 'p2', nowMs: MONDAY + 9 * HOUR + 1 } as never;
    expect(reserveInLog(shrunk, again).outcome).toMatchObject({
      kind: 'repeated',
      record: { permitId: 'p1' },
      decision: { learned: { budget: { isCold: false } } },
    });
    const other = { ...asked, requestId: 'other', permitId: 'p3', nowMs: MONDAY + 9 * HOUR + 2 } as never;
    expect(reserveInLog(shrunk, other).outcome.kind).toBe('refused');
  });

  it('C1: messages sent under a budget that has shrunk since are no overshoot', () => {
    const records = [1, 2, 3, 4].map((hour) => aRecord({ sentAtMs: MONDAY + hour * HOUR }));
    const [state] = ask(learnedOf(), { learns: { budget: BUDGET }, records }).rules;
    expect(state).toMatchObject({ used: 4, cap: 1, overshoot: 0 });
  });
});

describe('a decision with a good hour', () => {
  it('C2: waits for the exact moment of the better hour, and sends at it', () => {
    const learned = learnedOf({ hours: readsAt(20) });
    const decision = ask(learned, { learns: { goodHour: GOOD_HOUR } });
    expect(decision).toMatchObject({
      kind: 'delay',
      ruleId: 'good_hour',
      reason: 'better_hour',
      notBeforeMs: MONDAY + 20 * HOUR,
      learned: { hours: { dayPart: 'evening' } },
    });
    expect(decision.words.en).toMatch(/^Waits for 20:00.*Free at 2025-06-02 20:00 \(UTC\)\.$/);
    expect(decision.words.zh).toContain('等到 20:00');
    const then = ask(learned, { learns: { goodHour: GOOD_HOUR }, nowMs: MONDAY + 20 * HOUR });
    expect(then).toMatchObject({ kind: 'allow', rules: [{ kind: 'good_hour', answer: { verdict: 'now' } }] });
    const inTokyo = ask(learned, { learns: { goodHour: GOOD_HOUR }, timezone: 'Asia/Tokyo' });
    expect(inTokyo).toMatchObject({ notBeforeMs: MONDAY + 11 * HOUR });
  });

  it('C2: sends at the best hour before the deadline, and never refuses for an hour', () => {
    const learned = learnedOf({ hours: readsAt(20) });
    const early = ask(learned, { learns: { goodHour: GOOD_HOUR }, deadlineMs: MONDAY + 9.5 * HOUR });
    expect(early.kind).toBe('allow');
    const late = ask(learned, { learns: { goodHour: GOOD_HOUR }, deadlineMs: MONDAY + 20 * HOUR });
    expect(late).toMatchObject({ kind: 'delay', notBeforeMs: MONDAY + 20 * HOUR });
  });

  it('C2: waits for no hour that comes when the cap is held back again and the deadline is over', () => {
    const promotion = {
      id: 'sale',
      startMs: MONDAY + 19 * HOUR,
      endMs: MONDAY + 3 * DAY,
      campaignTypes: ['promotion'],
      heldSlots: [{ ruleId: 'cap-1', slots: 1 }],
    };
    const policy = aPolicy({
      caps: [aCap()],
      learning: { goodHour: GOOD_HOUR },
      promotions: [promotion],
    });
    const asked = { policy, deadlineMs: MONDAY + DAY } as const;
    expect(ask(learnedOf({ hours: readsAt(20) }), asked)).toMatchObject({ kind: 'allow' });
  });

  it('C2: in the shadow an hour is reported and nobody waits for it', () => {
    const decision = ask(learnedOf({ hours: readsAt(20) }), {
      learns: { goodHour: { ...GOOD_HOUR, shadow: true } },
    });
    expect(decision.kind).toBe('allow');
    expect(decision.rules).toMatchObject([{ ruleId: 'good_hour', enforcement: 'shadow', passes: false }]);
  });

  it('C2: of reservations some try another hour, always a later one, the same for a retry', () => {
    const learned = learnedOf({ hours: readsAt(9) });
    const learns = { goodHour: { exploredRatio: 0.05, shadow: false } };
    const asked = (requestId: string) => ask(learned, { learns, requestId });
    const requests = Array.from({ length: 600 }, (_, i) => `request-${i}`);
    const waiting = requests.filter((requestId) => asked(requestId).kind === 'delay');
    expect(waiting.length / requests.length).toBeLessThan(0.08);
    expect(waiting.length).toBeGreaterThan(0);
    for (const requestId of waiting) {
      const { notBeforeMs } = asked(requestId) as { notBeforeMs: number };
      const then = ask(learned, { learns, requestId, nowMs: notBeforeMs });
      expect(then).toMatchObject({ kind: 'allow', rules: [{ answer: { explored: true } }] });
    }
    expect(ask(learned, { learns }).kind).toBe('allow');
  });
});

const level = (max: number) => fc.integer({ min: 0, max });
const learnedPeople: fc.Arbitrary<LearnedPerson> = fc.record({
  budgetLevel: level(MAX_LEVEL),
  day: fc.constant(1_979),
  sendsLevel: level(120),
  opensLevel: level(100),
  softNegativesLevel: level(MAX_SMALL_LEVEL),
  unsubscribesLevel: level(3),
  hours: fc
    .uniqueArray(
      fc.record({
        hour: level(23),
        sendsLevel: fc.integer({ min: 1, max: MAX_SMALL_LEVEL }),
        openedFifteenths: level(MAX_SMALL_LEVEL),
      }),
      { selector: ({ hour }) => hour, maxLength: HOURS_KEPT },
    )
    .map((hours) => hours.toSorted((a, b) => a.hour - b.hour)),
});
const ZONES = ['UTC', 'Asia/Shanghai', 'America/Sao_Paulo', 'Europe/Berlin', 'Australia/Lord_Howe'];
const questions = fc.record({
  learned: fc.option(learnedPeople, { nil: undefined }),
  sentAgoMs: fc.array(fc.integer({ min: 0, max: 8 * DAY }), { maxLength: 5 }),
  timezone: fc.constantFrom(...ZONES),
  // Around the end of summer time in Berlin and Lord Howe as well.
  nowMs: fc.integer({ min: Date.UTC(2025, 9, 23), max: Date.UTC(2025, 9, 29) }),
  deadlineInMs: fc.option(fc.integer({ min: 0, max: 5 * DAY }), { nil: undefined }),
  requestId: fc.option(fc.nat(9_999).map(String), { nil: undefined }),
  affinity: fc.option(fc.integer({ min: 0, max: 30 }), { nil: undefined }),
  cap: fc.integer({ min: 1, max: 3 }),
  unit: fc.constantFrom('day' as const, 'week' as const),
  quiet: fc.record({ startMinute: level(1_439), endMinute: level(1_439) }),
  openCurve: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 24, maxLength: 24 }),
});
type Question = typeof questions extends fc.Arbitrary<infer Asked> ? Asked : never;

function policyOf({ cap, unit, quiet }: Question, learning?: LearningPolicy): TouchPolicy {
  const isSpan = quiet.startMinute !== quiet.endMinute;
  return aPolicy({
    caps: [
      aCap({ id: 'hours', window: { kind: 'rolling', windowMs: window(30 * HOUR) }, cap }),
      aCap({ id: 'calendar', window: { kind: 'calendar', unit }, cap }),
    ],
    quietHours: isSpan ? [aQuietRule(quiet)] : [],
    ...(learning && { learning }),
  });
}

function decide(asked: Question, policy: TouchPolicy, nowMs = asked.nowMs) {
  const { sentAgoMs, learned, timezone, deadlineInMs, requestId, affinity, openCurve } = asked;
  const records = sentAgoMs.map((agoMs) => aRecord({ sentAtMs: asked.nowMs - agoMs }));
  return decideTouch(
    { records, marks: [], ...(learned && { learned }) },
    {
      content: { channel: 'email', campaignType: 'routine', shopId: 'shop-1' },
      policy,
      timezone,
      nowMs,
      ...(deadlineInMs !== undefined && { deadlineMs: asked.nowMs + deadlineInMs }),
      ...(requestId !== undefined && { requestId }),
      learning: {
        habits: unchangingHabits({ ...DEFAULT_HABITS, openCurve }),
        ...(affinity !== undefined && { shop: { affinity, meanAffinity: 6 } }),
      },
    },
  );
}

const ON: LearningPolicy = { budget: BUDGET, goodHour: { exploredRatio: 0.05, shadow: false } };

describe('any decision with learning on', () => {
  it('C1, C2: is exact: refused one millisecond before not_before and at any moment until then, allowed at it', () => {
    fc.assert(
      fc.property(questions, fc.double({ min: 0, max: 1, noNaN: true }), (asked, share) => {
        const decision = decide(asked, policyOf(asked, ON));
        if (decision.kind !== 'delay') return;
        const { notBeforeMs } = decision;
        expect(notBeforeMs).toBeGreaterThan(asked.nowMs);
        if (asked.deadlineInMs !== undefined) {
          expect(notBeforeMs).toBeLessThanOrEqual(asked.nowMs + asked.deadlineInMs);
        }
        expect(decide(asked, policyOf(asked, ON), notBeforeMs).kind).toBe('allow');
        const between = Math.floor(asked.nowMs + share * (notBeforeMs - 1 - asked.nowMs));
        for (const atMs of [between, notBeforeMs - 1]) {
          expect(decide(asked, policyOf(asked, ON), atMs)).toMatchObject({ kind: 'delay', notBeforeMs });
        }
      }),
      { numRuns: 1_500 },
    );
  });

  it('C1: allows nothing that the hard rules refuse', () => {
    fc.assert(
      fc.property(questions, (asked) => {
        if (decide(asked, policyOf(asked, ON)).kind !== 'allow') return;
        expect(decide(asked, policyOf(asked)).kind).toBe('allow');
      }),
      { numRuns: 1_500 },
    );
  });

  it('C2: denies nothing for an hour', () => {
    fc.assert(
      fc.property(questions, (asked) => {
        const { goodHour: _, ...budgetAlone } = ON;
        if (decide(asked, policyOf(asked, ON)).kind !== 'deny') return;
        expect(decide(asked, policyOf(asked, budgetAlone)).kind).toBe('deny');
      }),
      { numRuns: 1_500 },
    );
  });

  it('C1, C2: answers in the shadow as it would without', () => {
    fc.assert(
      fc.property(questions, (asked) => {
        const shadow = {
          budget: { ...BUDGET, shadow: true },
          goodHour: { exploredRatio: 0.05, shadow: true },
        };
        const { kind, ruleId, reason, words } = decide(asked, policyOf(asked));
        expect(decide(asked, policyOf(asked, shadow))).toMatchObject({ kind, ruleId, reason, words });
      }),
      { numRuns: 500 },
    );
  });
});
