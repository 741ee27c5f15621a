import type { EpochMs } from '../core/time.js';

/** Who is asked about, how long the list may be, and the time at which the question is put. */
export interface RecommendationQuery {
  readonly userId: string;
  /** The longest list wanted, at least 1. */
  readonly k: number;
  readonly nowMs: EpochMs;
}

/**
 * All that an evaluation knows of what it measures: TagRank and every baseline answer through it,
 * so that none of them can be asked in a kinder way than another.
 */
export interface Recommender {
  /** How tables and plots call it; unique within one evaluation. */
  readonly name: string;
  /** What was fixed or tuned before asking, for the report, e.g. `{ halfLifeDays: 7 }`. */
  readonly settings?: Readonly<Record<string, string | number | boolean>>;
  /**
   * Product ids, best first, at most `k`. An unknown user is a new user. A rejection ends the
   * evaluation: a recommender that fails for some users has not been measured.
   */
  recommend(query: RecommendationQuery): Promise<readonly string[]>;
}
