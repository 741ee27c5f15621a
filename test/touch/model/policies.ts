import fc from 'fast-check';
import { window } from '../../../src/core/time.js';
import { CAP_COUNTS } from '../../../src/touch/touchFailure.js';
import type { CapRule, QuietHoursRule, TouchPolicy } from '../../../src/touch/touchPolicy.js';
import { DAY, MINUTE } from '../builders.js';

export const SHOPS = ['shop-1', 'shop-2'] as const;
export const CHANNELS = ['push', 'sms'] as const;
export const TYPES = ['routine', 'promotion', 'transactional'] as const;

const selector = fc.record(
  {
    channels: fc.constantFrom(['push'] as const, ['sms'] as const),
    campaignTypes: fc.constantFrom(['routine', 'promotion'], ['promotion']),
    exceptCampaignTypes: fc.constantFrom(['transactional'], ['routine']),
    shopIds: fc.constantFrom(['shop-1'] as const, SHOPS),
  },
  { requiredKeys: [] },
);
const noSelector = fc.constant({});
const anySelector = fc.oneof({ weight: 3, arbitrary: noSelector }, { weight: 1, arbitrary: selector });

export const minutes = (min: number, max: number) =>
  fc.integer({ min, max }).map((count) => window(count * MINUTE));
const windows: fc.Arbitrary<CapRule['window']> = fc.oneof(
  minutes(1, 3 * 24 * 60).map((windowMs) => ({ kind: 'rolling' as const, windowMs })),
  fc.integer({ min: 1_000, max: 10 * DAY }).map((ms) => ({ kind: 'rolling' as const, windowMs: window(ms) })),
  fc
    .constantFrom('day' as const, 'day' as const, 'week' as const, 'month' as const)
    .map((unit) => ({ kind: 'calendar' as const, unit })),
);
export const rarely = fc.nat(9).map((n) => n === 0);

const cap: fc.Arbitrary<Omit<CapRule, 'id'>> = fc
  .record({
    selected: anySelector,
    scope: fc.subarray(['channel', 'shop', 'campaign_type'] as const),
    window: windows,
    cap: fc.oneof(
      { weight: 20, arbitrary: fc.integer({ min: 1, max: 4 }) },
      { weight: 1, arbitrary: fc.constant(0) },
    ),
    counts: fc.constantFrom(undefined, ...CAP_COUNTS),
    minGapMs: fc.option(minutes(1, 900), { nil: undefined, freq: 2 }),
    ceiling: rarely,
    shadow: rarely,
  })
  .map(({ selected, scope, ...rest }) => ({ ...selected, ...rest, scope: ['user' as const, ...scope] }));

const quiet: fc.Arbitrary<Omit<QuietHoursRule, 'id'>> = fc
  .record({
    selected: anySelector,
    startMinute: fc.nat(1439),
    lengthMinutes: fc.integer({ min: 1, max: 14 * 60 }),
    shadow: rarely,
  })
  .map(({ selected, startMinute, lengthMinutes, shadow }) => ({
    ...selected,
    startMinute,
    endMinute: (startMinute + lengthMinutes) % 1440,
    shadow,
  }));

/** Some days around the history; which of the policy's caps it keeps slots of comes out with the policy. */
const promotion = fc.record({
  selected: selector,
  startsIn: fc.integer({ min: -2, max: 12 }),
  days: fc.integer({ min: 1, max: 5 }),
  leastPriority: fc.constantFrom(undefined, 20, 50),
  held: fc.array(fc.record({ cap: fc.nat(3), slots: fc.integer({ min: 1, max: 2 }) }), {
    minLength: 1,
    maxLength: 2,
  }),
});

/** What a policy is made of, wherever the history is set. */
export const policyFacts = fc.record({
  promotions: fc.array(promotion, { maxLength: 2 }),
  caps: fc.array(cap, { minLength: 1, maxLength: 4 }),
  quietHours: fc.array(quiet, { maxLength: 2 }),
  transactional: fc.record({
    bypassesCaps: fc.boolean(),
    countsTowardCaps: fc.boolean(),
    bypassesQuietHours: fc.boolean(),
  }),
});
type PolicyFacts = typeof policyFacts extends fc.Arbitrary<infer Facts> ? Facts : never;

export function policyOf(
  version: number,
  { facts, startMs }: { facts: PolicyFacts; startMs: number },
): TouchPolicy {
  const caps = facts.caps.map((rule, i) => ({ ...rule, id: `cap-${i}` }));
  return {
    version,
    caps,
    quietHours: facts.quietHours.map((rule, i) => ({ ...rule, id: `quiet-${i}` })),
    campaignTypes: [{ campaignType: 'transactional', ...facts.transactional }],
    promotions: facts.promotions.flatMap(({ selected, startsIn, days, leastPriority, held }, i) => {
      const heldSlots = caps.flatMap(({ id: ruleId, cap: most }, at) => {
        const slots = held.find((one) => one.cap === at)?.slots;
        return slots === undefined || most === 0 ? [] : [{ ruleId, slots: Math.min(slots, most) }];
      });
      const isOfAll = leastPriority === undefined && Object.keys(selected).length === 0;
      if (heldSlots.length === 0 || isOfAll) return [];
      const from = startMs + startsIn * DAY;
      return [
        {
          ...selected,
          id: `promotion-${i}`,
          startMs: from,
          endMs: from + days * DAY,
          leastPriority,
          heldSlots,
        },
      ];
    }),
  };
}
