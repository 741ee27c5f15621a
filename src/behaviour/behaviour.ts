import type { EpochMs } from '../core/time.js';
import type { Traits } from '../core/traits.js';
import type { BehaviourType } from '../core/vocabulary.js';

/** One thing that a person did, checked (`validateBehaviour`), as the caller told it. */
export interface Behaviour {
  /** Given by the caller; the idempotency key. */
  readonly eventId: string;
  readonly type: BehaviourType;
  readonly userId: string;
  /** At least one of `productId`, `shopId` and `query` is there. */
  readonly productId?: string;
  readonly shopId?: string;
  readonly occurredAtMs: EpochMs;
  /** Pieces, at least 1. */
  readonly quantity: number;
  /** What one piece cost, in the smallest unit of `currency`. */
  readonly priceMinor?: number;
  readonly currency?: string;
  /** 1 (worst) to 5. */
  readonly rating?: number;
  /** What was searched or asked for. */
  readonly query?: string;
  readonly sessionId?: string;
  readonly dwellMs?: number;
  /** The `rank_id` of the list that led here, and the position in it, from 1. */
  readonly rankId?: string;
  readonly position?: number;
  readonly referrer?: string;
}

/**
 * What a projection needs to know of the other side, as it was when the behaviour was logged, so
 * that a replay gives the same answer whatever has changed since.
 */
export interface BehaviourContext {
  /** The product's content then; 0 when the product was unknown. */
  readonly productRevision: number;
  /** The shop acted on: the behaviour's own, or else the product's. */
  readonly shopId?: string;
  /** Percentile (0–1) of the price within the product's leaf category; absent without a price. */
  readonly pricePercentile?: number;
  /** What was told of the user, for the audience of the product and shop (T3). */
  readonly traits: Traits;
}

/** A behaviour before it is in the log. */
export interface BehaviourToLog {
  readonly behaviour: Behaviour;
  readonly context: BehaviourContext;
}

/** A behaviour in the log. */
export interface LoggedBehaviour extends BehaviourToLog {
  /** Position in the log, rising, with gaps. */
  readonly seq: number;
  /** When the transaction that logged it began, by the truth's clock; absent unless it was read from there. */
  readonly loggedAtMs?: EpochMs;
}
