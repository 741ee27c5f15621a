import { parse } from 'yaml';
import { InvalidInputError, type Violation } from '../core/errors.js';
import { type WindowMs, window } from '../core/time.js';
import { JsonFields } from './jsonFields.js';
import type { BudgetPolicy, GoodHourPolicy, LearningPolicy } from './learningPolicy.js';
import { promotionOf } from './parsePromotion.js';
import { selectorOf } from './selectorFields.js';
import type { CapCounts } from './touchFailure.js';
import type {
  CalendarUnit,
  CampaignTypeFacts,
  CapRule,
  CapWindow,
  QuietHoursRule,
  ScopePart,
  TouchPolicy,
} from './touchPolicy.js';
import { touchPolicyViolations } from './validateTouchPolicy.js';

/**
 * A policy from the text of a YAML or JSON file (every JSON file is YAML, which has comments besides) with the
 * names of the contract's `TouchPolicy`:
 *
 *     { "version": 1,
 *       "caps": [{ "rule_id": "push_day", "scopes": ["channel"], "selector": { "channels": ["push"] },
 *                  "window": { "calendar_unit": "day" }, "cap": 5 }],
 *       "quiet_hours": [{ "rule_id": "night", "start_minute": 1320, "end_minute": 480 }],
 *       "campaign_types": [{ "campaign_type": "transactional", "bypasses_caps": true,
 *                            "counts_toward_caps": false, "bypasses_quiet_hours": true }],
 *       "promotions": [{ "promotion_id": "double11", "selector": { "campaign_types": ["promotion"] },
 *                        "starts_at": "2025-11-10T20:00:00+08:00", "ends_at": "2025-11-12T00:00:00+08:00",
 *                        "held_slots": [{ "rule_id": "push_day", "slots": 2 }] }],
 *       "learning": { "except_campaign_types": ["content"],
 *                     "budget": { "default_per_day": 0.5, "unsubscribe_cost": 60 },
 *                     "good_hour": { "explored_ratio": 0.02, "shadow": true } } }
 *
 * A rolling window is `{ "rolling_ms": 86400000 }`. The version, lists, flags, learning and its parts may be left out
 * (1, empty, false, nothing learned; `counts_toward_caps` true); a name that is not known is refused, or a misspelt cap would be no
 * cap. Throws `InvalidInputError` with everything that is wrong.
 */
export function parseTouchPolicy(text: string): TouchPolicy {
  const violations: Violation[] = [];
  const root = new JsonFields('', parsed(text), violations);
  const promotions = root.list('promotions').map(promotionOf);
  const learning = root.optionalObject('learning');
  const policy: TouchPolicy = {
    version: root.optionalNumber('version') ?? FIRST_VERSION,
    caps: root.list('caps').map(capOf),
    quietHours: root.list('quiet_hours').map(quietHoursOf),
    campaignTypes: root.list('campaign_types').map(campaignTypeOf),
    ...(promotions.length > 0 && { promotions }),
    ...(learning !== undefined && { learning: learningOf(learning) }),
  };
  root.refuseOthers();
  const rules = [...policy.caps, ...policy.quietHours, ...policy.campaignTypes, ...promotions];
  if (rules.length === 0 && learning === undefined && violations.length === 0) {
    root.refuse('', 'must have a rule: caps, quiet_hours, campaign_types, promotions or learning');
  }
  // A shape that is wrong makes every other finding doubtful, so those come alone.
  const found = violations.length > 0 ? violations : touchPolicyViolations(policy);
  if (found.length > 0) throw new InvalidInputError(found);
  return policy;
}

/** Of a file that does not say; one that takes the place of another policy gets a higher one. */
const FIRST_VERSION = 1;

function parsed(text: string): unknown {
  try {
    return parse(text);
  } catch (cause) {
    const why = (cause as Error).message.trimEnd();
    throw new InvalidInputError({ field: 'policy', rule: `must be YAML or JSON: ${why}` });
  }
}

function capOf(fields: JsonFields): CapRule {
  const gapMs = fields.optionalNumber('minimum_gap_ms');
  const counts = fields.optionalText('counts');
  const rule: CapRule = {
    id: fields.text('rule_id'),
    scope: ['user', ...((fields.texts('scopes') as ScopePart[] | undefined) ?? [])],
    ...selectorOf(fields.object('selector')),
    window: windowOf(fields.object('window')),
    cap: fields.number('cap'),
    ...(counts !== undefined && { counts: counts as CapCounts }),
    ...(gapMs !== undefined && { minGapMs: gapMs as WindowMs }),
    ceiling: fields.flag('ceiling', false),
    shadow: fields.flag('shadow', false),
  };
  fields.refuseOthers();
  return rule;
}

function windowOf(fields: JsonFields): CapWindow {
  const rollingMs = fields.optionalNumber('rolling_ms');
  const unit = fields.optionalText('calendar_unit');
  if ((rollingMs === undefined) === (unit === undefined)) {
    fields.refuse('', 'must have either rolling_ms or calendar_unit');
  }
  fields.refuseOthers();
  return unit === undefined
    ? { kind: 'rolling', windowMs: window(rollingMs ?? 0) }
    : { kind: 'calendar', unit: unit as CalendarUnit };
}

function quietHoursOf(fields: JsonFields): QuietHoursRule {
  const rule: QuietHoursRule = {
    id: fields.text('rule_id'),
    ...selectorOf(fields.object('selector')),
    startMinute: fields.number('start_minute'),
    endMinute: fields.number('end_minute'),
    shadow: fields.flag('shadow', false),
  };
  fields.refuseOthers();
  return rule;
}

function campaignTypeOf(fields: JsonFields): CampaignTypeFacts {
  const facts: CampaignTypeFacts = {
    campaignType: fields.text('campaign_type'),
    bypassesCaps: fields.flag('bypasses_caps', false),
    countsTowardCaps: fields.flag('counts_toward_caps', true),
    bypassesQuietHours: fields.flag('bypasses_quiet_hours', false),
  };
  fields.refuseOthers();
  return facts;
}

function learningOf(fields: JsonFields): LearningPolicy {
  const campaignTypes = fields.texts('campaign_types');
  const exceptCampaignTypes = fields.texts('except_campaign_types');
  const budget = fields.optionalObject('budget');
  const goodHour = fields.optionalObject('good_hour');
  fields.refuseOthers();
  return {
    ...(campaignTypes && { campaignTypes }),
    ...(exceptCampaignTypes && { exceptCampaignTypes }),
    ...(budget && { budget: budgetOf(budget) }),
    ...(goodHour && { goodHour: goodHourOf(goodHour) }),
  };
}

function budgetOf(fields: JsonFields): BudgetPolicy {
  const defaultPerDay = fields.optionalNumber('default_per_day');
  const unsubscribeCost = fields.optionalNumber('unsubscribe_cost');
  const shadow = fields.flag('shadow', false);
  fields.refuseOthers();
  return {
    ...(defaultPerDay !== undefined && { defaultPerDay }),
    ...(unsubscribeCost !== undefined && { unsubscribeCost }),
    shadow,
  };
}

function goodHourOf(fields: JsonFields): GoodHourPolicy {
  const policy = {
    exploredRatio: fields.optionalNumber('explored_ratio') ?? 0,
    shadow: fields.flag('shadow', false),
  };
  fields.refuseOthers();
  return policy;
}
