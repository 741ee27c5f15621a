import type { EpochMs } from '../core/time.js';
import { selects } from './selects.js';
import { priorityOf, type TouchContent } from './touch.js';
import type { RuleSelector } from './touchPolicy.js';

/**
 * A big promotion that was announced (C4). Slots of caps are held back for its messages as long as it has
 * not ended, from the moment at which any other touch, sent at the last moment of its reservation, would still
 * count in the cap's window when it begins. Its messages are those that the selector is about and that have the
 * least priority.
 */
export interface Promotion extends RuleSelector {
  /** Names it in answers; unique over promotions. */
  readonly id: string;
  /** It runs from here (in)… */
  readonly startMs: EpochMs;
  /** …to here (out). */
  readonly endMs: EpochMs;
  /** 1–100. Absent: its messages may be of any priority. */
  readonly leastPriority?: number;
  /** For each of these caps; at least one. */
  readonly heldSlots: readonly HeldSlots[];
}

export interface HeldSlots {
  /** Of the cap. */
  readonly ruleId: string;
  /** From 1 to the cap, in each of the windows and scopes that it counts apart. */
  readonly slots: number;
}

/** Whether a touch is one of the promotion's messages: what it uses is no longer held. */
export function isOfPromotion(promotion: Promotion, content: TouchContent): boolean {
  return selects(promotion, content) && priorityOf(content) >= (promotion.leastPriority ?? 0);
}

/** Whether a touch sees the whole cap: the promotion's own, and whatever has at least its priority. */
export function isHeldFor(promotion: Promotion, content: TouchContent): boolean {
  const { leastPriority } = promotion;
  return leastPriority === undefined ? selects(promotion, content) : priorityOf(content) >= leastPriority;
}
