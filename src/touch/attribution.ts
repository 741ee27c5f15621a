import { DAY_MS, type EpochMs, MINUTE_MS, type WindowMs, window } from '../core/time.js';
import { type ReachedTouch, reachedBefore } from './reachedTouches.js';

/** A week or so is the usual rhythm of a shop's messages: the next one finds the window open or just over. */
export const DEFAULT_ATTRIBUTION_MS = window(7 * DAY_MS);
export const MIN_ATTRIBUTION_MS = window(MINUTE_MS);
export const MAX_ATTRIBUTION_MS = window(366 * DAY_MS);

/** Why an order belongs to a touch, or to none. Part of the contract: a code keeps its meaning for ever. */
export type AttributionReason =
  /** The first touch of the window in which the order lies owns it. */
  | 'first_in_window'
  /** The last window was over before the order. */
  | 'window_over'
  /** Nothing was sent before the order. */
  | 'never_reached';

/** Whose an order is. */
export type Attribution =
  | { readonly reason: 'never_reached' }
  | {
      readonly reason: 'first_in_window' | 'window_over';
      /** The touch that opened the last window; the owner, unless that was over. */
      readonly first: ReachedTouch;
      /** The last touch until the order; may be the first. */
      readonly last: ReachedTouch;
      /** From here (in) to `endMs` (out). */
      readonly startMs: EpochMs;
      readonly endMs: EpochMs;
    };

/**
 * Whose an order is (C7), by all touches until the order of one person by one shop, the last one first.
 * A window opens with the first touch that lies in no other, and holds what comes until its end; no touch
 * in it prolongs it. So windows never overlap, and each has exactly one first touch, whatever order the
 * commits came in: of two at one moment, the one that the ledger had first.
 */
export function attribute(
  touches: readonly ReachedTouch[],
  { orderedAtMs, windowMs }: { orderedAtMs: EpochMs; windowMs: WindowMs },
): Attribution {
  const [last] = touches;
  const first = touches
    .toReversed()
    .reduce<ReachedTouch | undefined>(
      (opener, touch) => (opener !== undefined && touch.atMs < opener.atMs + windowMs ? opener : touch),
      undefined,
    );
  if (first === undefined || last === undefined) return { reason: 'never_reached' };
  const [startMs, endMs] = [first.atMs, first.atMs + windowMs];
  return { reason: orderedAtMs < endMs ? 'first_in_window' : 'window_over', first, last, startMs, endMs };
}

/**
 * Whether `touch` opens a window whatever was sent before `earlier`, the touch before it: every window
 * with a touch until `earlier` is over by then. Nobody has to look further back.
 */
export function opensForCertain(
  touch: ReachedTouch,
  { earlier, windowMs }: { earlier: ReachedTouch; windowMs: WindowMs },
): boolean {
  return reachedBefore(earlier, touch) && touch.atMs - earlier.atMs >= windowMs;
}
