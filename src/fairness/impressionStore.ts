import type { EpochMs } from '../core/time.js';
import type { ServedList } from '../ranking/servedListStore.js';

/** Places of a list that a client says were shown. */
export interface Impressions {
  readonly rankId: string;
  /** From 1. */
  readonly positions: readonly number[];
  readonly seenAtMs: EpochMs;
}

/** What one word of a client added to what was known of its list. */
export interface FedImpressions extends Impressions {
  /** Rising, with gaps: nothing appears behind a seq that was shown. */
  readonly seq: number;
  /** Nothing was said of the list before: it counted as served until now. */
  readonly isFirst: boolean;
  /** Undefined while the list is not in the truth. */
  readonly list?: ServedList;
}

/**
 * The durable record of what was seen.
 *
 * - `append` resolves after the commit with the number of places that were news, for each in order. A place of a
 *   list counts once, whoever says it how often. The list need not be in the truth yet.
 * - `after` answers what came after a seq, in rising seq, at most `limit`; what was seen before `sinceMs` may be left out.
 * - Both reject with `UnavailableError` when the engine fails.
 */
export interface ImpressionStore {
  append(impressions: readonly Impressions[]): Promise<number[]>;
  after(options: { afterSeq: number; sinceMs: EpochMs; limit: number }): Promise<FedImpressions[]>;
}
