import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fitSegmentPrior } from '../../src/touch/segmentPrior.js';
import { learnedFrom } from '../../src/touch/toleranceSignals.js';
import type { TouchOutcome } from '../../src/touch/touch.js';
import type { TouchLedgerEntry } from '../../src/touch/touchLedger.js';
import { HOUR, MINUTE } from './builders.js';

const isOrdinary = ({ campaignType }: { campaignType: string }) => campaignType !== 'transactional';

function aSend(permitId: string, atMs: number, campaignType = 'routine'): TouchLedgerEntry[] {
  return [
    {
      kind: 'reserved',
      userId: 'u',
      requestId: `r-${permitId}`,
      permitId,
      channel: 'push',
      campaignType,
      atMs: atMs - MINUTE,
      expiresAtMs: atMs + HOUR,
      policyVersion: 1,
      ruleId: 'cap',
      reason: 'within_caps',
    },
    { kind: 'committed', userId: 'u', permitId, atMs, late: false },
  ];
}

function anOutcome(outcome: TouchOutcome, atMs: number, permitId?: string) {
  return {
    kind: 'outcome' as const,
    userId: 'u',
    outcome,
    ...(permitId !== undefined && { permitId }),
    atMs,
    recordedAtMs: atMs,
  };
}

const ENTRIES: TouchLedgerEntry[] = [
  ...aSend('a', 10 * HOUR),
  anOutcome('clicked', 12 * HOUR, 'a'),
  anOutcome('opened', 11 * HOUR, 'a'),
  ...aSend('b', 20 * HOUR),
  anOutcome('dismissed', 19 * HOUR, 'b'),
  ...aSend('order notice', 21 * HOUR, 'transactional'),
  anOutcome('opened', 22 * HOUR, 'order notice'),
  anOutcome('opened', 23 * HOUR),
  anOutcome('unsubscribed', 24 * HOUR),
  { kind: 'released', userId: 'u', permitId: 'c', atMs: 5 },
  ...aSend('bounced', 25 * HOUR),
  anOutcome('undelivered', 26 * HOUR, 'bounced'),
  ...aSend('refused', 27 * HOUR),
  anOutcome('rejected', 26 * HOUR, 'refused'),
  anOutcome('opened', 28 * HOUR, 'refused'),
];

describe('what is learned from a ledger', () => {
  it('C1: is each message that its channel did not report as failed once, with its first open, and each negative, ordered by time', () => {
    const { signals, touches } = learnedFrom(ENTRIES, isOrdinary);
    expect(signals.map(({ kind, atMs }) => [kind, atMs / HOUR])).toEqual([
      ['sent', 10],
      ['opened', 11],
      ['sent', 20],
      // Told as of before its message: clocks differ.
      ['soft_negative', 20],
      ['unsubscribed', 24],
    ]);
    expect(touches.map(({ permitId, openedAtMs }) => [permitId, openedAtMs])).toEqual([
      ['a', 11 * HOUR],
      ['b', undefined],
    ]);
  });

  it('C1: does not depend on the order of the entries, nor on repeats', () => {
    const expected = learnedFrom(ENTRIES, isOrdinary);
    fc.assert(
      fc.property(
        fc.shuffledSubarray([...ENTRIES, ...ENTRIES], { minLength: ENTRIES.length * 2 }),
        (entries) => {
          expect(learnedFrom(entries, isOrdinary)).toEqual(expected);
        },
      ),
    );
  });
});

describe('the prior of a segment', () => {
  const people = (ratios: readonly number[], sends = 50) =>
    ratios.map((ratio) => ({ sends, opens: ratio * sends, softNegatives: 1, unsubscribes: 0 }));

  it('C1: comes from its totals, and from the default where there are few', () => {
    const many = fitSegmentPrior(people(new Array<number>(1_000).fill(0.3)));
    expect(many.openRatio).toBeCloseTo(0.3, 2);
    expect(many.softNegativeRatio).toBeCloseTo(0.02, 3);
    expect(fitSegmentPrior([]).openRatio).toBeCloseTo(0.1, 12);
    expect(fitSegmentPrior(people([1])).openRatio).toBeLessThan(0.2);
  });

  it('C1: weighs little where people differ and much where they are alike', () => {
    const alike = fitSegmentPrior(people(new Array<number>(500).fill(0.3)));
    const differing = fitSegmentPrior(
      people(Array.from({ length: 500 }, (_, i) => (i % 2 === 0 ? 0.02 : 0.58))),
    );
    expect(alike.openStrength).toBe(12);
    expect(differing.openStrength).toBe(4);
  });
});
