import type { EpochMs } from '../core/time.js';
import type { DegradationLevel } from '../core/vocabulary.js';

/** One slot of a list that was served. */
export interface ServedItem {
  readonly productId: string;
  /** The final score, finite. */
  readonly score: number;
  /** The product's shop when it was served; absent without one. */
  readonly shopId?: string;
}

/** What fairness did to a list (R7). */
export interface ServedFairness {
  /** The user sees no boost, so that its effect can be told. */
  readonly isHeldOut: boolean;
  /** How much of the page's boosts its budget left, 0–1; absent where there was nothing to boost. */
  readonly boostScale?: number;
  /** The part of the unboosted page's relevance that was given up, by position. */
  readonly lostRatio: number;
  /** Shops of the page that would have been served without a boost, by place; absent when it is this page. */
  readonly unboostedShopIds?: readonly (string | undefined)[];
}

/** What a `Rank` answered: behaviours that follow name it by `rankId`. */
export interface ServedList {
  readonly rankId: string;
  readonly userId: string;
  readonly servedAtMs: EpochMs;
  readonly scene: string;
  readonly level: DegradationLevel;
  /** Empty when no model scored. */
  readonly modelVersion: string;
  /** In the order of the page. */
  readonly items: readonly ServedItem[];
  /** Absent where fairness was off. */
  readonly fairness?: ServedFairness;
}

/** A served list in the order in which lists became visible. */
export interface FedList {
  /** Rising, with gaps: nothing appears behind a seq that was shown. */
  readonly seq: number;
  readonly list: ServedList;
}

/**
 * The durable record of what was served, kept by age. It explains and trains; no answer waits for
 * it, so a writer gathers lists and appends many at once.
 *
 * - `append` resolves after the commit, all or nothing for one call. The same list again (same
 *   `rankId` and `servedAtMs`) changes nothing, so a retry after a lost answer is safe.
 * - Rejects with `UnavailableError` when the engine fails, with `InvalidInputError` when a value
 *   cannot be kept.
 */
export interface ServedListStore {
  append(lists: readonly ServedList[]): Promise<void>;
  /** Undefined when it was never served, or so long ago that it was dropped. */
  get(rankId: string): Promise<ServedList | undefined>;
  /**
   * Lists after a seq, in rising seq, at most `limit`; fewer (or none) at the end. Those served before
   * `sinceMs` may be left out.
   */
  after(options: { afterSeq: number; sinceMs: EpochMs; limit: number }): Promise<FedList[]>;
}
