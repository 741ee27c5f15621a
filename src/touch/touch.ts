import type { EpochMs } from '../core/time.js';
import type { Channel } from '../core/vocabulary.js';

/** What a touch is: the facts that rules look at and that one request id stands for. */
export interface TouchContent {
  readonly channel: Channel;
  /** The kind of message, e.g. `promotion` or `transactional`; the policy says which kinds are special. */
  readonly campaignType: string;
  /** Who writes; absent when no shop does (the platform itself). */
  readonly shopId?: string;
  /** Which campaign, for reports; no rule looks at it. */
  readonly campaignId?: string;
  /** Goes first (C4): a whole number from 1 to 100, higher first. Absent is 0, after all others. */
  readonly priority?: number;
}

export const MAX_PRIORITY = 100;

/** Of a touch, as a number that can be compared. */
export function priorityOf({ priority = 0 }: Pick<TouchContent, 'priority'>): number {
  return priority;
}

/** May this person be touched? Checked (`validateTouchQuestion`). */
export interface TouchQuestion extends TouchContent {
  readonly userId: string;
  /** After this moment the message is worthless: a wait beyond it is a refusal. */
  readonly deadlineMs?: EpochMs;
}

/** What became of a message, as the channel or the person reports it. */
export const TOUCH_OUTCOMES = [
  'delivered',
  'opened',
  'clicked',
  'dismissed',
  'muted',
  'blocked',
  'complained',
  'unsubscribed',
  'resubscribed',
  'rejected',
  'undelivered',
] as const;
export type TouchOutcome = (typeof TOUCH_OUTCOMES)[number];

export function isTouchOutcome(value: string): value is TouchOutcome {
  return (TOUCH_OUTCOMES as readonly string[]).includes(value);
}

/** Why a decision fell as it did. Written to the ledger, so a code keeps its meaning for ever. */
export const TOUCH_REASONS = [
  /** Allowed: every rule that applies has room. */
  'within_caps',
  /** Allowed: this kind of message bypasses a rule that would have refused it. */
  'bypass',
  /** Denied: the person blocked, muted, complained or unsubscribed (C8). */
  'left_alone',
  /** Denied: a rule with cap 0 forbids this kind of touch. */
  'forbidden',
  /** Refused: the cap of a rule is used up. */
  'cap_reached',
  /** Refused: the last touch was too short a time ago. */
  'min_gap',
  /** Refused: night, in the person's own time zone. */
  'quiet_hours',
  /** Denied: allowed again only after the deadline that the caller gave. */
  'after_deadline',
  /** Denied: quiet hours together leave no moment at all. */
  'never_open',
  /** Refused: what is left of a cap is kept for an announced promotion (C4). */
  'slots_held',
  /** Allowed: reservations of lower priority give up their slots (C4). */
  'takes_reservation',
  /** Refused: the person's learned budget is spent for now (C1). */
  'budget_spent',
  /** Refused: a better hour of the person's day comes before the deadline (C2). */
  'better_hour',
] as const;
export type TouchReason = (typeof TOUCH_REASONS)[number];
