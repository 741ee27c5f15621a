import { stringify } from 'yaml';
import type { LearningPolicy } from './learningPolicy.js';
import type { Promotion } from './promotion.js';
import type { CampaignTypeFacts, CapRule, QuietHoursRule, RuleSelector, TouchPolicy } from './touchPolicy.js';

/** A policy as a file: `parseTouchPolicy` reads it back as it was. The version is left out, as a file needs none. */
export function writeTouchPolicy(policy: TouchPolicy): string {
  const { caps, quietHours, campaignTypes, promotions, learning } = policy;
  return stringify(
    given({
      caps: caps.map(capFields),
      quiet_hours: quietHours.map(quietHoursFields),
      campaign_types: campaignTypes.map(campaignTypeFields),
      promotions: promotions?.map(promotionFields),
      learning: learning && learningFields(learning),
    }),
    { lineWidth: 120 },
  );
}

function capFields(rule: CapRule) {
  const { window } = rule;
  return given({
    rule_id: rule.id,
    scopes: rule.scope.filter((part) => part !== 'user'),
    selector: selectorFields(rule),
    window: window.kind === 'rolling' ? { rolling_ms: window.windowMs } : { calendar_unit: window.unit },
    cap: rule.cap,
    counts: rule.counts,
    minimum_gap_ms: rule.minGapMs,
    ceiling: rule.ceiling || undefined,
    shadow: rule.shadow || undefined,
  });
}

function quietHoursFields(rule: QuietHoursRule) {
  return given({
    rule_id: rule.id,
    selector: selectorFields(rule),
    start_minute: rule.startMinute,
    end_minute: rule.endMinute,
    shadow: rule.shadow || undefined,
  });
}

function campaignTypeFields(facts: CampaignTypeFacts) {
  return {
    campaign_type: facts.campaignType,
    bypasses_caps: facts.bypassesCaps,
    counts_toward_caps: facts.countsTowardCaps,
    bypasses_quiet_hours: facts.bypassesQuietHours,
  };
}

function promotionFields(promotion: Promotion) {
  return given({
    promotion_id: promotion.id,
    starts_at: new Date(promotion.startMs).toISOString(),
    ends_at: new Date(promotion.endMs).toISOString(),
    selector: selectorFields(promotion),
    least_priority: promotion.leastPriority,
    held_slots: promotion.heldSlots.map(({ ruleId, slots }) => ({ rule_id: ruleId, slots })),
  });
}

function learningFields({ campaignTypes, exceptCampaignTypes, budget, goodHour }: LearningPolicy) {
  return {
    ...given({ campaign_types: campaignTypes, except_campaign_types: exceptCampaignTypes }),
    ...(budget && {
      budget: given({
        default_per_day: budget.defaultPerDay,
        unsubscribe_cost: budget.unsubscribeCost,
        shadow: budget.shadow || undefined,
      }),
    }),
    ...(goodHour && {
      good_hour: given({ explored_ratio: goodHour.exploredRatio, shadow: goodHour.shadow || undefined }),
    }),
  };
}

function selectorFields(selector: RuleSelector) {
  const fields = given({
    channels: selector.channels,
    campaign_types: selector.campaignTypes,
    except_campaign_types: selector.exceptCampaignTypes,
    shop_ids: selector.shopIds,
  });
  return Object.keys(fields).length === 0 ? undefined : fields;
}

/** Without what is not there, and without lists that are empty. */
function given(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).filter(
      ([, value]) => value !== undefined && !(Array.isArray(value) && value.length === 0),
    ),
  );
}
