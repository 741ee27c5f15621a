import type { EpochMs } from '../core/time.js';
import type { DegradationLevel } from '../core/vocabulary.js';

/** One slot of a list that was served. */
export interface ServedItem {
  readonly productId: string;
  /** The final score, finite. */
  readonly score: number;
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
}
