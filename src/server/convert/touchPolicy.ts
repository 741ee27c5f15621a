import {
  CapScope,
  type CapRule as WireCap,
  type TouchPolicy as WirePolicy,
  type QuietHoursRule as WireQuietHours,
  type RuleSelector as WireSelector,
  CalendarUnit as WireUnit,
  type CapWindow as WireWindow,
} from '../../gen/tagrank/v1/touch.js';
import type {
  CalendarUnit,
  CapRule,
  CapWindow,
  QuietHoursRule,
  RuleSelector,
  ScopePart,
  TouchPolicy,
} from '../../touch/touchPolicy.js';
import { createCodes } from './scalars.js';
import { channels } from './vocabulary.js';

const calendarUnits = createCodes<CalendarUnit, WireUnit>({
  day: WireUnit.DAY,
  week: WireUnit.WEEK,
  month: WireUnit.MONTH,
});

/** The user is in every scope and therefore in none of the contract's. */
const capScopes = createCodes<Exclude<ScopePart, 'user'>, CapScope>({
  channel: CapScope.CHANNEL,
  shop: CapScope.SHOP,
  campaign_type: CapScope.CAMPAIGN_TYPE,
});

export function fromTouchPolicy(policy: TouchPolicy): WirePolicy {
  return {
    version: BigInt(policy.version),
    caps: policy.caps.map(fromCap),
    quietHours: policy.quietHours.map(fromQuietHours),
    campaignTypes: policy.campaignTypes.map((facts) => ({ ...facts })),
  };
}

function fromCap(rule: CapRule): WireCap {
  return {
    ruleId: rule.id,
    scopes: rule.scope.flatMap((part) => (part === 'user' ? [] : [capScopes.toCode(part)])),
    selector: fromSelector(rule),
    window: { window: fromWindow(rule.window) },
    cap: BigInt(rule.cap),
    minimumGapMs: rule.minGapMs === undefined ? undefined : BigInt(rule.minGapMs),
    ceiling: rule.ceiling,
    shadow: rule.shadow,
  };
}

function fromWindow(window: CapWindow): NonNullable<WireWindow['window']> {
  return window.kind === 'rolling'
    ? { $case: 'rollingMs', value: BigInt(window.windowMs) }
    : { $case: 'calendarUnit', value: calendarUnits.toCode(window.unit) };
}

function fromQuietHours(rule: QuietHoursRule): WireQuietHours {
  return {
    ruleId: rule.id,
    selector: fromSelector(rule),
    startMinute: rule.startMinute,
    endMinute: rule.endMinute,
    shadow: rule.shadow,
  };
}

function fromSelector(selector: RuleSelector): WireSelector {
  return {
    channels: (selector.channels ?? []).map(channels.toCode),
    campaignTypes: [...(selector.campaignTypes ?? [])],
    exceptCampaignTypes: [...(selector.exceptCampaignTypes ?? [])],
    shopIds: [...(selector.shopIds ?? [])],
  };
}
