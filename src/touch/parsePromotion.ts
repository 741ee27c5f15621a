import type { JsonFields } from './jsonFields.js';
import type { HeldSlots, Promotion } from './promotion.js';
import { selectorOf } from './selectorFields.js';

/** A promotion in a policy's file; `validateTouchPolicy` does the rest. */
export function promotionOf(fields: JsonFields): Promotion {
  const leastPriority = fields.optionalNumber('least_priority');
  const promotion: Promotion = {
    id: fields.text('promotion_id'),
    startMs: fields.time('starts_at'),
    endMs: fields.time('ends_at'),
    ...selectorOf(fields.object('selector')),
    ...(leastPriority !== undefined && { leastPriority }),
    heldSlots: fields.list('held_slots').map(heldSlotsOf),
  };
  fields.refuseOthers();
  return promotion;
}

function heldSlotsOf(fields: JsonFields): HeldSlots {
  const held = { ruleId: fields.text('rule_id'), slots: fields.number('slots') };
  fields.refuseOthers();
  return held;
}
