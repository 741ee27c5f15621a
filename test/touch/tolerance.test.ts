import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decideTouch } from '../../src/touch/decideTouch.js';
import { DEFAULT_PRIOR } from '../../src/touch/segmentPrior.js';
import {
  BUDGET_BOUNDS,
  coldTolerance,
  DEFAULT_UNSUBSCRIBE_COST,
  foldTolerance,
  readTolerance,
  stepTolerance,
  type ToleranceContext,
} from '../../src/touch/tolerance.js';
import { paceOf, shopBudget, toleranceCap } from '../../src/touch/tolerancePace.js';
import { bySignalOrder, TOLERANCE_SIGNALS, type ToleranceSignal } from '../../src/touch/toleranceSignals.js';
import { aCap, aPolicy, aRecord, DAY, HOUR, MINUTE } from './builders.js';

const CONTEXT: ToleranceContext = {
  prior: DEFAULT_PRIOR,
  defaultPerDay: 0.5,
  unsubscribeCost: DEFAULT_UNSUBSCRIBE_COST,
};

const signal = fc.record({
  kind: fc.constantFrom(...TOLERANCE_SIGNALS),
  atMs: fc.integer({ min: 0, max: 400 }).map((quarters) => quarters * 6 * HOUR),
  touchId: fc.integer({ min: 0, max: 30 }).map((id) => `touch-${id}`),
});
const history = fc.uniqueArray(signal, {
  maxLength: 80,
  selector: ({ kind, touchId }) => `${kind} ${touchId}`,
});
const context = fc.record({
  defaultPerDay: fc.double({ min: 0.01, max: 10, noNaN: true }),
  unsubscribeCost: fc.double({ min: 0, max: 500, noNaN: true }),
  prior: fc.record({
    openRatio: fc.double({ min: 0.001, max: 0.9, noNaN: true }),
    openStrength: fc.double({ min: 4, max: 12, noNaN: true }),
    softNegativeRatio: fc.double({ min: 0.0001, max: 0.5, noNaN: true }),
    unsubscribeRatio: fc.double({ min: 0.00001, max: 0.1, noNaN: true }),
  }),
});

/** A message a day for so many days, each answered by `answer` or not at all. */
function daily(days: number, answer?: ToleranceSignal['kind']): ToleranceSignal[] {
  return Array.from({ length: days }, (_, day) => {
    const touchId = `touch-${day}`;
    const sent: ToleranceSignal = { kind: 'sent', atMs: day * DAY, touchId };
    return answer === undefined ? [sent] : [sent, { kind: answer, atMs: day * DAY + HOUR, touchId }];
  }).flat();
}

const budgetAfter = (signals: readonly ToleranceSignal[], given = CONTEXT) =>
  foldTolerance(signals, given).budgetPerDay;

describe('learned tolerance', () => {
  it('C1: of somebody never written to is the operator’s default, and says so', () => {
    expect(readTolerance(coldTolerance(CONTEXT), CONTEXT, 0)).toMatchObject({
      budgetPerDay: 0.5,
      isCold: true,
      sends: 0,
      openRatio: DEFAULT_PRIOR.openRatio,
    });
    expect(budgetAfter([], { ...CONTEXT, defaultPerDay: 100 })).toBe(BUDGET_BOUNDS.maxPerDay);
  });

  it('C1: rises for who answers and falls for who ignores or waves away', () => {
    const answers = budgetAfter(daily(60, 'opened'));
    const ignores = budgetAfter(daily(60));
    const dismisses = budgetAfter(daily(60, 'soft_negative'));
    expect(answers).toBeGreaterThan(1);
    expect(ignores).toBeLessThan(0.5);
    expect(dismisses).toBe(BUDGET_BOUNDS.minPerDay);
    expect(budgetAfter([...daily(8), { kind: 'soft_negative', atMs: 9 * DAY, touchId: 'x' }])).toBeLessThan(
      budgetAfter(daily(8)),
    );
  });

  it('C1: falls at once by 15 % with each negative, whatever went before', () => {
    const liked = foldTolerance(daily(30, 'opened'), CONTEXT);
    for (const kind of ['soft_negative', 'unsubscribed'] as const) {
      const after = stepTolerance(liked, { kind, atMs: 31 * DAY, touchId: 'late' }, CONTEXT);
      expect(after.budgetPerDay).toBeCloseTo(0.85 * liked.budgetPerDay, 12);
    }
  });

  it('C1: explains itself by the figures that it was made of', () => {
    const read = readTolerance(foldTolerance(daily(28, 'opened'), CONTEXT), CONTEXT, 28 * DAY);
    expect(read.sends).toBeGreaterThan(19);
    expect(read.sends).toBeLessThan(21);
    expect(read.openRatio).toBeCloseTo((read.opens + 8 * 0.1) / (read.sends + 8), 12);
    expect(read).toMatchObject({ isCold: false, softNegatives: 0, unsubscribes: 0, nextSend: 'raises' });
    expect(read.negativeZ).toBeLessThan(0);
  });

  it('C1: stays within its bounds and finite in any history', () => {
    fc.assert(
      fc.property(history, context, (signals, given) => {
        const state = foldTolerance(signals, given);
        const read = readTolerance(state, given, 500 * DAY);
        expect(state.budgetPerDay).toBeGreaterThanOrEqual(BUDGET_BOUNDS.minPerDay);
        expect(state.budgetPerDay).toBeLessThanOrEqual(BUDGET_BOUNDS.maxPerDay);
        for (const figure of Object.values(read)) {
          if (typeof figure === 'number') expect(Number.isFinite(figure)).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('C1: is the same in whatever order outcomes are told, and stepping on from a checkpoint', () => {
    fc.assert(
      fc.property(
        history.chain((signals) =>
          fc.tuple(
            fc.constant(signals),
            fc.shuffledSubarray(signals, { minLength: signals.length }),
            fc.nat(signals.length),
          ),
        ),
        ([signals, shuffled, cut]) => {
          const whole = foldTolerance(signals, CONTEXT);
          expect(foldTolerance(shuffled, CONTEXT)).toEqual(whole);
          const ordered = [...signals].sort(bySignalOrder);
          const stepped = ordered
            .slice(cut)
            .reduce(
              (state, each) => stepTolerance(state, each, CONTEXT),
              foldTolerance(ordered.slice(0, cut), CONTEXT),
            );
          expect(stepped).toEqual(whole);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('C1: more opens never lead to less, more negatives never to more', () => {
    fc.assert(
      fc.property(history, signal, context, (signals, more, given) => {
        const before = budgetAfter(signals, given);
        const after = budgetAfter([...signals, { ...more, touchId: 'one more' }], given);
        if (more.kind === 'opened') expect(after).toBeGreaterThanOrEqual(before * (1 - 1e-9));
        else if (more.kind !== 'sent') expect(after).toBeLessThanOrEqual(before * (1 + 1e-9));
      }),
      { numRuns: 1_000 },
    );
  });

  it('C1: somebody who ignores messages without end comes to the least, whatever the segment is like', () => {
    fc.assert(
      fc.property(context, (given) => {
        const least = budgetAfter(daily(700), given);
        expect(least).toBe(BUDGET_BOUNDS.minPerDay);
      }),
      { numRuns: 30 },
    );
  });
});

describe('the pace of a budget', () => {
  it('C1: is round(b) a day half an even gap apart, or one per 1/b days', () => {
    expect(paceOf(0.5)).toEqual({ cap: 1, windowMs: 2 * DAY });
    expect(paceOf(1 / 7)).toEqual({ cap: 1, windowMs: 7 * DAY });
    expect(paceOf(1)).toEqual({ cap: 1, windowMs: DAY, minGapMs: 12 * HOUR });
    expect(paceOf(3)).toEqual({ cap: 3, windowMs: DAY, minGapMs: 4 * HOUR });
  });

  it('C1: never lets a smaller budget send more than a larger one', () => {
    const mostIn30Days = (perDay: number) => {
      const { cap, windowMs, minGapMs = 0 } = paceOf(perDay);
      const sent: number[] = [];
      for (let nowMs = 0; nowMs < 30 * DAY; nowMs += 30 * MINUTE) {
        const inWindow = sent.filter((atMs) => atMs > nowMs - windowMs).length;
        if (inWindow < cap && nowMs - (sent.at(-1) ?? -DAY) >= minGapMs) sent.push(nowMs);
      }
      return sent.length;
    };
    const budget = fc.double({ min: 1 / 7, max: 4, noNaN: true });
    fc.assert(
      fc.property(budget, budget, (a, b) => {
        expect(mostIn30Days(Math.min(a, b))).toBeLessThanOrEqual(mostIn30Days(Math.max(a, b)));
      }),
      { numRuns: 100 },
    );
  });

  it('C1: holds back as one more cap, and never loosens a hard one', () => {
    const budget = fc.double({ min: 1 / 7, max: 4, noNaN: true });
    const ages = fc.array(fc.integer({ min: 0, max: 8 * 24 * 60 }), { maxLength: 8 });
    fc.assert(
      fc.property(budget, ages, (perDay, minutes) => {
        const nowMs = 30 * DAY;
        const log = {
          records: minutes.map((ago) => aRecord({ sentAtMs: nowMs - ago * MINUTE })),
          marks: [],
        };
        const ask = (...caps: ReturnType<typeof aCap>[]) =>
          decideTouch(log, {
            content: { channel: 'push', campaignType: 'routine' },
            policy: aPolicy({ caps }),
            timezone: 'UTC',
            nowMs,
          }).kind;
        const hard = aCap({ cap: 1 });
        const both = ask(hard, toleranceCap(perDay));
        expect(both === 'allow').toBe(ask(hard) === 'allow' && ask(toleranceCap(perDay)) === 'allow');
      }),
      { numRuns: 300 },
    );
  });

  it('C3: gives a loved shop up to twice and an indifferent one down to half, within the bounds', () => {
    expect(shopBudget({ budgetPerDay: 1, affinity: 4, meanAffinity: 1 })).toBe(2);
    expect(shopBudget({ budgetPerDay: 1, affinity: 0.49, meanAffinity: 1 })).toBeCloseTo(0.7, 12);
    expect(shopBudget({ budgetPerDay: 1, affinity: 0, meanAffinity: 1 })).toBe(0.5);
    expect(shopBudget({ budgetPerDay: 3, affinity: 100, meanAffinity: 1 })).toBe(4);
    expect(shopBudget({ budgetPerDay: 1 / 7, affinity: 0, meanAffinity: 1 })).toBe(1 / 7);
    expect(shopBudget({ budgetPerDay: 0.5 })).toBe(0.5);
    expect(shopBudget({ budgetPerDay: 0.5, affinity: 1, meanAffinity: 0 })).toBe(0.5);
  });
});
