import { InvalidInputError, oneOfRule, type Violation } from '../core/errors.js';
import { idViolation } from '../core/ids.js';
import { DAY_MS, SECOND_MS } from '../core/time.js';
import { GOOD_HOUR_RULE_ID, MAX_EXPLORED_RATIO } from './goodHour.js';
import type { LearningPolicy } from './learningPolicy.js';
import { promotionViolations } from './promotionViolations.js';
import { listViolations, selectorViolations } from './selectorViolations.js';
import { BUDGET_BOUNDS } from './tolerance.js';
import { TOLERANCE_RULE_ID } from './tolerancePace.js';
import { CAP_COUNTS } from './touchFailure.js';
import {
  CALENDAR_UNITS,
  type CapRule,
  type CapWindow,
  type QuietHoursRule,
  SCOPE_PARTS,
  type TouchPolicy,
} from './touchPolicy.js';

/** Most touches that a rule may allow in its window; keeps a person's log short. */
const MAX_CAP = 1_000;
const MAX_WINDOW_MS = 366 * DAY_MS;
const MAX_RULES = 200;
const MINUTES_PER_DAY = 24 * 60;

/** Ids that answers use where no rule of the policy decided. */
export const RESERVED_RULE_IDS: readonly string[] = [
  'left_alone',
  'no_rule',
  TOLERANCE_RULE_ID,
  GOOD_HOUR_RULE_ID,
];

/** All that is wrong with a policy, each naming the field and the rule's id; empty when it is sound. */
export function touchPolicyViolations(policy: TouchPolicy): Violation[] {
  const found: Violation[] = [];
  if (!isWholeIn(policy.version, 0, Number.MAX_SAFE_INTEGER)) {
    found.push({ field: 'version', rule: 'must be a whole number from 0' });
  }
  if (policy.caps.length + policy.quietHours.length > MAX_RULES) {
    found.push({ field: 'caps', rule: `must be at most ${MAX_RULES} rules, quiet hours included` });
  }
  policy.caps.forEach((rule, i) => {
    found.push(...named(rule.id, capViolations(`caps[${i}]`, rule)));
  });
  policy.quietHours.forEach((rule, i) => {
    found.push(...named(rule.id, quietHoursViolations(`quiet_hours[${i}]`, rule)));
  });
  found.push(...idClashes(policy), ...campaignTypeViolations(policy), ...promotionViolations(policy));
  if (policy.learning !== undefined) found.push(...learningViolations(policy.learning));
  return found;
}

/** The policy itself when it is sound; throws `InvalidInputError` with every violation otherwise. */
export function validateTouchPolicy(policy: TouchPolicy): TouchPolicy {
  const violations = touchPolicyViolations(policy);
  if (violations.length > 0) throw new InvalidInputError(violations);
  return policy;
}

function capViolations(field: string, rule: CapRule): Violation[] {
  const found = selectorViolations(field, rule);
  if (!rule.scope.includes('user')) found.push({ field: `${field}.scopes`, rule: 'must include user' });
  // The contract's list goes without `user`, which every cap has.
  const named = rule.scope[0] === 'user' ? rule.scope.slice(1) : rule.scope;
  const known = SCOPE_PARTS.filter((part) => part !== 'user');
  named.forEach((part, i) => {
    if (!(known as readonly string[]).includes(part)) {
      found.push({ field: `${field}.scopes[${i}]`, rule: oneOfRule(known) });
    } else if (named.indexOf(part) !== i) {
      found.push({ field: `${field}.scopes[${i}]`, rule: `names ${part} twice` });
    }
  });
  found.push(...windowViolations(`${field}.window`, rule.window));
  if (!isWholeIn(rule.cap, 0, MAX_CAP)) {
    found.push({ field: `${field}.cap`, rule: `must be a whole number from 0 to ${MAX_CAP}` });
  }
  if (rule.counts !== undefined && !CAP_COUNTS.includes(rule.counts)) {
    found.push({ field: `${field}.counts`, rule: oneOfRule(CAP_COUNTS) });
  }
  if (rule.minGapMs !== undefined && !isWholeIn(rule.minGapMs, 1, MAX_WINDOW_MS)) {
    found.push({
      field: `${field}.minimum_gap_ms`,
      rule: `must be a whole number from 1 to ${MAX_WINDOW_MS}`,
    });
  }
  return found;
}

function windowViolations(field: string, window: CapWindow): Violation[] {
  switch (window.kind) {
    case 'rolling':
      return isWholeIn(window.windowMs, SECOND_MS, MAX_WINDOW_MS)
        ? []
        : [
            {
              field: `${field}.rolling_ms`,
              rule: `must be a whole number from ${SECOND_MS} to ${MAX_WINDOW_MS}`,
            },
          ];
    case 'calendar':
      return CALENDAR_UNITS.includes(window.unit)
        ? []
        : [{ field: `${field}.calendar_unit`, rule: oneOfRule(CALENDAR_UNITS) }];
    default:
      return [{ field, rule: 'must have either rolling_ms or calendar_unit' }];
  }
}

function quietHoursViolations(field: string, rule: QuietHoursRule): Violation[] {
  const found = selectorViolations(field, rule);
  const range = `must be a whole number from 0 (midnight) to ${MINUTES_PER_DAY - 1}`;
  if (!isWholeIn(rule.startMinute, 0, MINUTES_PER_DAY - 1)) {
    found.push({ field: `${field}.start_minute`, rule: range });
  }
  if (!isWholeIn(rule.endMinute, 0, MINUTES_PER_DAY - 1)) {
    found.push({ field: `${field}.end_minute`, rule: range });
  }
  if (rule.startMinute === rule.endMinute) {
    found.push({ field: `${field}.end_minute`, rule: 'must differ from start_minute' });
  }
  return found;
}

function learningViolations(learning: LearningPolicy): Violation[] {
  const { campaignTypes, exceptCampaignTypes, budget, goodHour } = learning;
  const found = listViolations('learning', [
    ['campaign_types', campaignTypes],
    ['except_campaign_types', exceptCampaignTypes],
  ]);
  const { minPerDay, maxPerDay } = BUDGET_BOUNDS;
  const { defaultPerDay, unsubscribeCost } = budget ?? {};
  if (defaultPerDay !== undefined && !(defaultPerDay >= minPerDay && defaultPerDay <= maxPerDay)) {
    found.push({
      field: 'learning.budget.default_per_day',
      rule: `must be a number from ${minPerDay.toFixed(4)} (one a week) to ${maxPerDay}`,
    });
  }
  if (unsubscribeCost !== undefined && !(unsubscribeCost > 0 && Number.isFinite(unsubscribeCost))) {
    found.push({ field: 'learning.budget.unsubscribe_cost', rule: 'must be a number above 0' });
  }
  if (
    goodHour !== undefined &&
    !(goodHour.exploredRatio >= 0 && goodHour.exploredRatio <= MAX_EXPLORED_RATIO)
  ) {
    found.push({
      field: 'learning.good_hour.explored_ratio',
      rule: `must be a number from 0 to ${MAX_EXPLORED_RATIO}`,
    });
  }
  return found;
}

function idClashes(policy: TouchPolicy): Violation[] {
  const found: Violation[] = [];
  const seen = new Set<string>(RESERVED_RULE_IDS);
  const ids = [
    ...policy.caps.map((rule, i) => [`caps[${i}].rule_id`, rule.id] as const),
    ...policy.quietHours.map((rule, i) => [`quiet_hours[${i}].rule_id`, rule.id] as const),
  ];
  for (const [field, id] of ids) {
    const violation = idViolation(field, id);
    if (violation) found.push(violation);
    else if (seen.has(id)) found.push({ field, rule: `the id ${id} is taken` });
    seen.add(id);
  }
  return found;
}

function campaignTypeViolations(policy: TouchPolicy): Violation[] {
  const found: Violation[] = [];
  policy.campaignTypes.forEach((facts, i) => {
    const field = `campaign_types[${i}].campaign_type`;
    const violation = idViolation(field, facts.campaignType);
    if (violation) found.push(violation);
    if (policy.campaignTypes.findIndex((other) => other.campaignType === facts.campaignType) !== i) {
      found.push({ field, rule: `${facts.campaignType} is listed twice` });
    }
  });
  return found;
}

function named(id: string, violations: readonly Violation[]): Violation[] {
  return violations.map(({ field, rule }) => ({ field, rule: `${rule} (rule ${JSON.stringify(id)})` }));
}

function isWholeIn(value: number, min: number, max: number): boolean {
  return Number.isSafeInteger(value) && value >= min && value <= max;
}
