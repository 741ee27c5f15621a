import type { TtlMs, WindowMs } from '../core/time.js';
import type { Channel } from '../core/vocabulary.js';
import type { LearningPolicy } from './learningPolicy.js';
import type { Promotion } from './promotion.js';
import type { CapCounts } from './touchFailure.js';

/**
 * Rules of touch as data. Rules are ANDed: a touch is allowed when every rule that applies has
 * room for it and no quiet hours reign. What a person said of being left alone (C8) is not a rule
 * and stands before all of them.
 */
export interface TouchPolicy {
  /** Rises with every change; written beside each decision. Whole, from 0. */
  readonly version: number;
  readonly caps: readonly CapRule[];
  readonly quietHours: readonly QuietHoursRule[];
  /** Kinds of message that are not like others. A kind that is not listed is an ordinary one. */
  readonly campaignTypes: readonly CampaignTypeFacts[];
  /** What slots are held back for (C4). Absent: nothing. */
  readonly promotions?: readonly Promotion[];
  /** What is learned of each person (C1, C2, C3), and for which messages it holds. Absent: nothing. */
  readonly learning?: LearningPolicy;
}

/** What a cap counts apart. The user is always in: `['user', 'channel']` is a cap per user and channel. */
export const SCOPE_PARTS = ['user', 'channel', 'shop', 'campaign_type'] as const;
export type ScopePart = (typeof SCOPE_PARTS)[number];

export const CALENDAR_UNITS = ['day', 'week', 'month'] as const;
export type CalendarUnit = (typeof CALENDAR_UNITS)[number];

/** The span that a cap counts over. */
export type CapWindow =
  /** The last `windowMs`, wherever the clock stands: a touch at `t` frees its slot at `t + windowMs`. */
  | { readonly kind: 'rolling'; readonly windowMs: WindowMs }
  /** A day, week (from Monday) or month of the user's own time zone; all slots free at its end. */
  | { readonly kind: 'calendar'; readonly unit: CalendarUnit };

/**
 * Which touches a rule is about. A touch that does not match is neither refused by the rule nor
 * counted by it. Absent: all. An empty list is refused by `validateTouchPolicy`.
 */
export interface RuleSelector {
  readonly channels?: readonly Channel[];
  readonly campaignTypes?: readonly string[];
  /** Kinds that are left out, whatever else is said. */
  readonly exceptCampaignTypes?: readonly string[];
  readonly shopIds?: readonly string[];
}

export interface CapRule extends RuleSelector {
  /** Names the rule in every answer; unique over caps and quiet hours. */
  readonly id: string;
  /** Touches without a shop are, to a scope with `shop`, those of one more shop. */
  readonly scope: readonly ScopePart[];
  readonly window: CapWindow;
  /** Touches in a window. 0 forbids what the rule is about. */
  readonly cap: number;
  /** Which touches use up a slot, by what their channel reports; `attempt` when absent. */
  readonly counts?: CapCounts;
  /** At least this long between two touches in the scope. */
  readonly minGapMs?: WindowMs;
  /**
   * Set by the platform or the law: bypassing kinds do not bypass it, and kinds that are not
   * counted count here. (Select with `exceptCampaignTypes` what the platform itself exempts.)
   */
  readonly ceiling: boolean;
  /** Decided and reported, but not enforced: to try a rule on live traffic first. */
  readonly shadow: boolean;
}

/**
 * Hours of the user's own day in which touches wait. From `startMinute` (in) to `endMinute`
 * (out) by the clock on the wall, 0–1439 after midnight; start above end runs over midnight.
 */
export interface QuietHoursRule extends RuleSelector {
  readonly id: string;
  readonly startMinute: number;
  readonly endMinute: number;
  readonly shadow: boolean;
}

/** What sets a kind of message apart: separate facts, none follows from another. */
export interface CampaignTypeFacts {
  readonly campaignType: string;
  /** Sent even where a cap or gap (other than a ceiling) is reached. */
  readonly bypassesCaps: boolean;
  /** Uses up a slot of the rules that it matches. */
  readonly countsTowardCaps: boolean;
  /** Sent at night too. */
  readonly bypassesQuietHours: boolean;
}

/** The facts of a kind of message; an unlisted one bypasses nothing and counts. */
export function campaignTypeFacts(policy: TouchPolicy, campaignType: string): CampaignTypeFacts {
  return (
    policy.campaignTypes.find((facts) => facts.campaignType === campaignType) ?? {
      campaignType,
      bypassesCaps: false,
      countsTowardCaps: true,
      bypassesQuietHours: false,
    }
  );
}

/** The permit's life unless a reservation asks for another; meant to outlast the sender's own timeout. */
export const DEFAULT_RESERVATION_TTL_MS = 600_000 as TtlMs;
export const MIN_RESERVATION_TTL_MS = 1_000 as TtlMs;
export const MAX_RESERVATION_TTL_MS = 86_400_000 as TtlMs;

const DAY_MS = 86_400_000;
/** A month over the end of summer time (31 d 1 h), and clocks that step back by up to a day. */
const RETENTION_MARGIN_MS = 2 * DAY_MS;

/**
 * How long a touch can matter to the policy, at least 31 days, with a margin: older records may
 * be pruned from the online log.
 */
export function touchRetentionMs(policy: TouchPolicy): TtlMs {
  const spans = policy.caps.flatMap((rule) => [
    rule.window.kind === 'rolling' ? rule.window.windowMs : 31 * DAY_MS,
    rule.minGapMs ?? 0,
  ]);
  return (Math.max(31 * DAY_MS, ...spans) + RETENTION_MARGIN_MS) as TtlMs;
}
