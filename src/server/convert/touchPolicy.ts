import { InvalidInputError } from '../../core/errors.js';
import { window } from '../../core/time.js';
import type { Channel } from '../../core/vocabulary.js';
import {
  CapScope,
  type CapRule as WireCap,
  CapCounts as WireCounts,
  type LearningPolicy as WireLearning,
  type TouchPolicy as WirePolicy,
  type Promotion as WirePromotion,
  type QuietHoursRule as WireQuietHours,
  type RuleSelector as WireSelector,
  CalendarUnit as WireUnit,
  type CapWindow as WireWindow,
} from '../../gen/tagrank/v1/touch.js';
import type { LearningPolicy } from '../../touch/learningPolicy.js';
import type { Promotion } from '../../touch/promotion.js';
import type { CapCounts } from '../../touch/touchFailure.js';
import type {
  CalendarUnit,
  CapRule,
  CapWindow,
  QuietHoursRule,
  RuleSelector,
  ScopePart,
  TouchPolicy,
} from '../../touch/touchPolicy.js';
import { createCodes, toEpochMs, toTimestamp } from './scalars.js';
import { channels } from './vocabulary.js';

const calendarUnits = createCodes<CalendarUnit, WireUnit>({
  day: WireUnit.DAY,
  week: WireUnit.WEEK,
  month: WireUnit.MONTH,
});

const capCounts = createCodes<CapCounts, WireCounts>({
  attempt: WireCounts.ATTEMPT,
  accepted: WireCounts.ACCEPTED,
  delivered: WireCounts.DELIVERED,
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
    promotions: (policy.promotions ?? []).map(fromPromotion),
    learning: policy.learning && fromLearning(policy.learning),
  };
}

/**
 * Of the right shape; `validateTouchPolicy` does the rest. Codes that are not known become words that
 * no validator takes, so that they are refused by name.
 *
 * @throws InvalidInputError when there is no policy at all. One without any rule is none, whatever its version: to
 * let everything pass where another policy is in force it would be enough to forget what to send.
 */
export function toTouchPolicy(policy: WirePolicy | undefined): TouchPolicy {
  if (policy === undefined || isEmpty(policy)) {
    throw new InvalidInputError({ field: 'policy', rule: 'must be given, with at least one rule' });
  }
  return {
    version: Number(policy.version),
    caps: policy.caps.map(toCap),
    quietHours: policy.quietHours.map((rule) => ({
      id: rule.ruleId,
      ...toSelector(rule.selector),
      startMinute: rule.startMinute,
      endMinute: rule.endMinute,
      shadow: rule.shadow,
    })),
    campaignTypes: policy.campaignTypes.map(({ countsTowardCaps = true, ...facts }) => ({
      ...facts,
      countsTowardCaps,
    })),
    ...(policy.promotions.length > 0 && { promotions: policy.promotions.map(toPromotion) }),
    ...(policy.learning && { learning: toLearning(policy.learning) }),
  };
}

function isEmpty({ caps, quietHours, campaignTypes, promotions, learning }: WirePolicy): boolean {
  const rules = [...caps, ...quietHours, ...campaignTypes, ...promotions];
  return rules.length === 0 && learning === undefined;
}

function toCap(rule: WireCap): CapRule {
  return {
    id: rule.ruleId,
    scope: ['user', ...rule.scopes.map((scope) => capScopes.toWord(scope) ?? (UNKNOWN as ScopePart))],
    ...toSelector(rule.selector),
    window: toWindow(rule.window?.window),
    cap: Number(rule.cap),
    ...(rule.counts !== WireCounts.UNSPECIFIED && {
      counts: capCounts.toWord(rule.counts) ?? (UNKNOWN as CapCounts),
    }),
    ...(rule.minimumGapMs !== undefined && { minGapMs: window(Number(rule.minimumGapMs)) }),
    ceiling: rule.ceiling,
    shadow: rule.shadow,
  };
}

/** No word of the rooms. */
const UNKNOWN: string = 'unknown';

function toWindow(given: WireWindow['window']): CapWindow {
  switch (given?.$case) {
    case 'rollingMs':
      return { kind: 'rolling', windowMs: window(Number(given.value)) };
    case 'calendarUnit':
      return { kind: 'calendar', unit: calendarUnits.toWord(given.value) ?? (UNKNOWN as CalendarUnit) };
    case undefined:
      return { kind: UNKNOWN as 'rolling', windowMs: window(0) };
  }
}

/** The contract's empty lists select all. */
function toSelector(selector: WireSelector | undefined): RuleSelector {
  if (selector === undefined) return {};
  const { campaignTypes, exceptCampaignTypes, shopIds } = selector;
  const words = selector.channels.map((code) => channels.toWord(code) ?? (UNKNOWN as Channel));
  return {
    ...(words.length > 0 && { channels: words }),
    ...(campaignTypes.length > 0 && { campaignTypes }),
    ...(exceptCampaignTypes.length > 0 && { exceptCampaignTypes }),
    ...(shopIds.length > 0 && { shopIds }),
  };
}

function fromCap(rule: CapRule): WireCap {
  return {
    ruleId: rule.id,
    scopes: rule.scope.flatMap((part) => (part === 'user' ? [] : [capScopes.toCode(part)])),
    selector: fromSelector(rule),
    window: { window: fromWindow(rule.window) },
    cap: BigInt(rule.cap),
    counts: rule.counts === undefined ? WireCounts.UNSPECIFIED : capCounts.toCode(rule.counts),
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

/** A time that is not given is none, and refused by its name. */
function toPromotion(promotion: WirePromotion): Promotion {
  const { promotionId, selector, startsAt, endsAt, leastPriority, heldSlots } = promotion;
  return {
    id: promotionId,
    startMs: toEpochMs(startsAt) ?? Number.NaN,
    endMs: toEpochMs(endsAt) ?? Number.NaN,
    ...toSelector(selector),
    ...(leastPriority !== 0 && { leastPriority }),
    heldSlots: heldSlots.map((held) => ({ ...held })),
  };
}

function fromPromotion(promotion: Promotion): WirePromotion {
  return {
    promotionId: promotion.id,
    startsAt: toTimestamp(promotion.startMs),
    endsAt: toTimestamp(promotion.endMs),
    selector: fromSelector(promotion),
    leastPriority: promotion.leastPriority ?? 0,
    heldSlots: promotion.heldSlots.map((held) => ({ ...held })),
  };
}

function toLearning({ campaignTypes, exceptCampaignTypes, budget, goodHour }: WireLearning): LearningPolicy {
  return {
    ...(campaignTypes.length > 0 && { campaignTypes }),
    ...(exceptCampaignTypes.length > 0 && { exceptCampaignTypes }),
    ...(budget && {
      budget: {
        ...(budget.defaultPerDay !== undefined && { defaultPerDay: budget.defaultPerDay }),
        ...(budget.unsubscribeCost !== undefined && { unsubscribeCost: budget.unsubscribeCost }),
        shadow: budget.shadow,
      },
    }),
    ...(goodHour && { goodHour: { ...goodHour } }),
  };
}

function fromLearning({
  campaignTypes = [],
  exceptCampaignTypes = [],
  budget,
  goodHour,
}: LearningPolicy): WireLearning {
  return {
    campaignTypes: [...campaignTypes],
    exceptCampaignTypes: [...exceptCampaignTypes],
    budget: budget && {
      defaultPerDay: budget.defaultPerDay,
      unsubscribeCost: budget.unsubscribeCost,
      shadow: budget.shadow,
    },
    goodHour: goodHour && { ...goodHour },
  };
}
