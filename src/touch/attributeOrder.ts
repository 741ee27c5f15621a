import { InvalidInputError, type Violation } from '../core/errors.js';
import { idViolation } from '../core/ids.js';
import { type Clock, type EpochMs, HOUR_MS, type WindowMs, window } from '../core/time.js';
import {
  type Attribution,
  attribute,
  DEFAULT_ATTRIBUTION_MS,
  MAX_ATTRIBUTION_MS,
  MIN_ATTRIBUTION_MS,
  opensForCertain,
} from './attribution.js';
import { attributionWords } from './attributionWords.js';
import type { TouchWords } from './plainWords.js';
import type { ReachedTouch, ReachedTouches } from './reachedTouches.js';
import { optionalIdViolation, timeViolation } from './validateTouchQuestion.js';

export interface AttributeOrderInput {
  /** Any id of the person. */
  readonly userId: string;
  /** Absent or empty: the platform's own order. */
  readonly shopId?: string;
  /** At most an hour in the future. */
  readonly orderedAtMs?: EpochMs;
  /** 60,000–31,622,400,000; 604,800,000 when absent. */
  readonly windowMs?: number;
}

export type AttributeOrderOutput = Attribution & {
  readonly words: TouchWords;
  readonly windowMs: WindowMs;
};

export type AttributeOrder = (input: AttributeOrderInput) => Promise<AttributeOrderOutput>;

export interface AttributeOrderDeps {
  readonly reachedTouches: Pick<ReachedTouches, 'readBack'>;
  /** All ids of the person that an id belongs to. */
  readonly idsOf: (userId: string) => Promise<readonly string[]>;
  readonly clock: Clock;
}

const MAX_AHEAD_MS = HOUR_MS;
/** More than most shops write to somebody in a year without a week's pause. */
const PAGE = 200;

/**
 * Which touch an order belongs to (C7), by what was sent to all ids that the person has now: a link makes
 * the earlier touch of two ids the first for both, and an unlink gives each its own again. One read of the
 * person, one of their touches; more only where they never paused for as long as the window.
 *
 * Throws `InvalidInputError`, `UnavailableError`.
 */
export function createAttributeOrder({ reachedTouches, idsOf, clock }: AttributeOrderDeps): AttributeOrder {
  return async (input) => {
    const order = validateOrder(input, clock.nowMs());
    const userIds = await idsOf(order.userId);
    const found = attribute(await touchesUntil({ ...order, userIds }), order);
    return { ...found, words: attributionWords(found, order), windowMs: order.windowMs };
  };

  /** Touches until the order, the last one first, as far back as they can matter. */
  async function touchesUntil({
    userIds,
    shopId,
    orderedAtMs,
    windowMs,
  }: Order & { userIds: readonly string[] }): Promise<ReachedTouch[]> {
    const touches: ReachedTouch[] = [];
    let before: Pick<ReachedTouch, 'atMs' | 'seq'> = { atMs: orderedAtMs + 1, seq: 0 };
    for (;;) {
      const page = await reachedTouches.readBack({ userIds, shopId, before, limit: PAGE });
      for (const earlier of page) {
        const touch = touches.at(-1);
        if (touch !== undefined && opensForCertain(touch, { earlier, windowMs })) return touches;
        touches.push(earlier);
      }
      const last = page.at(-1);
      if (last === undefined || page.length < PAGE) return touches;
      before = last;
    }
  }
}

interface Order {
  readonly userId: string;
  readonly shopId: string | undefined;
  readonly orderedAtMs: EpochMs;
  readonly windowMs: WindowMs;
}

function validateOrder(input: AttributeOrderInput, nowMs: EpochMs): Order {
  const { userId, shopId, orderedAtMs, windowMs = DEFAULT_ATTRIBUTION_MS } = input;
  const badTime = timeViolation('ordered_at', orderedAtMs);
  const violations: (Violation | undefined)[] = [
    idViolation('user_id', userId),
    optionalIdViolation('shop_id', shopId),
    orderedAtMs === undefined ? { field: 'ordered_at', rule: 'must be given' } : badTime,
  ];
  if (badTime === undefined && orderedAtMs !== undefined && orderedAtMs > nowMs + MAX_AHEAD_MS) {
    violations.push({ field: 'ordered_at', rule: 'must be at most one hour in the future' });
  }
  if (!Number.isSafeInteger(windowMs) || windowMs < MIN_ATTRIBUTION_MS || windowMs > MAX_ATTRIBUTION_MS) {
    violations.push({
      field: 'window_ms',
      rule: `must be a whole number from ${MIN_ATTRIBUTION_MS} to ${MAX_ATTRIBUTION_MS}`,
    });
  }
  const found = violations.filter((violation) => violation !== undefined);
  if (found.length > 0) throw new InvalidInputError(found);
  return {
    userId,
    shopId: shopId || undefined,
    orderedAtMs: orderedAtMs as EpochMs,
    windowMs: window(windowMs),
  };
}
