import type { Violation } from '../core/errors.js';
import { idViolation } from '../core/ids.js';
import type { HeldSlots, Promotion } from './promotion.js';
import { selectorViolations } from './selectorViolations.js';
import { MAX_PRIORITY } from './touch.js';
import type { TouchPolicy } from './touchPolicy.js';
import { timeViolation } from './validateTouchQuestion.js';

/** Those that are over may stay in the policy; a decision looks at all of them. */
const MAX_PROMOTIONS = 100;

/** What is wrong with the promotions of a policy, each naming the field and the promotion. */
export function promotionViolations({ promotions = [], caps }: TouchPolicy): Violation[] {
  if (promotions.length > MAX_PROMOTIONS) {
    return [
      { field: 'promotions', rule: `must be at most ${MAX_PROMOTIONS}; leave out those that are over` },
    ];
  }
  return promotions.flatMap((promotion, i) => {
    const field = `promotions[${i}]`;
    const found = [
      ...messageViolations(field, promotion),
      ...timeViolations(field, promotion),
      ...heldViolations(field, promotion.heldSlots, caps),
    ].map((violation) => ({
      ...violation,
      rule: `${violation.rule} (promotion ${JSON.stringify(promotion.id)})`,
    }));
    const badId = idViolation(`${field}.promotion_id`, promotion.id);
    const isTaken = promotions.findIndex(({ id }) => id === promotion.id) !== i;
    return [
      ...(badId ? [badId] : []),
      ...(isTaken ? [{ field: `${field}.promotion_id`, rule: `the id ${promotion.id} is taken` }] : []),
      ...found,
    ];
  });
}

function messageViolations(field: string, promotion: Promotion): Violation[] {
  const { leastPriority, channels, campaignTypes, exceptCampaignTypes, shopIds } = promotion;
  const found = selectorViolations(field, promotion);
  const isSound =
    leastPriority === undefined ||
    (Number.isInteger(leastPriority) && leastPriority >= 1 && leastPriority <= MAX_PRIORITY);
  if (!isSound) {
    found.push({
      field: `${field}.least_priority`,
      rule: `must be a whole number from 1 to ${MAX_PRIORITY}, or absent`,
    });
  }
  if (
    [leastPriority, channels, campaignTypes, exceptCampaignTypes, shopIds].every((fact) => fact === undefined)
  ) {
    const rule = "must be given, or least_priority: else all messages are the promotion's";
    found.push({ field: `${field}.selector`, rule });
  }
  return found;
}

function timeViolations(field: string, { startMs, endMs }: Promotion): Violation[] {
  const times = [
    ['starts_at', startMs],
    ['ends_at', endMs],
  ] as const;
  const found = times.flatMap(([name, atMs]) => {
    const badTime = timeViolation(`${field}.${name}`, atMs);
    return badTime === undefined ? [] : [{ ...badTime, rule: `must be given; ${badTime.rule}` }];
  });
  if (found.length === 0 && endMs <= startMs) {
    found.push({ field: `${field}.ends_at`, rule: 'must be after starts_at' });
  }
  return found;
}

function heldViolations(
  field: string,
  heldSlots: readonly HeldSlots[],
  caps: TouchPolicy['caps'],
): Violation[] {
  if (heldSlots.length === 0) return [{ field: `${field}.held_slots`, rule: 'must hold slots of a cap' }];
  return heldSlots.flatMap(({ ruleId, slots }, i) => {
    const at = `${field}.held_slots[${i}]`;
    const rule = caps.find(({ id }) => id === ruleId);
    if (rule === undefined) {
      return [{ field: `${at}.rule_id`, rule: `must name one of the caps, not ${JSON.stringify(ruleId)}` }];
    }
    if (heldSlots.findIndex((other) => other.ruleId === ruleId) !== i) {
      return [{ field: `${at}.rule_id`, rule: `names ${ruleId} twice` }];
    }
    return Number.isInteger(slots) && slots >= 1 && slots <= rule.cap
      ? []
      : [{ field: `${at}.slots`, rule: `must be a whole number from 1 to the cap, ${rule.cap}` }];
  });
}
