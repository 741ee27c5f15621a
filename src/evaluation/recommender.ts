import type { Product } from '../catalog/product.js';
import type { Shop } from '../catalog/shop.js';
import type { EpochMs } from '../core/time.js';
import type { Played } from './logPlayer.js';

/** Who is asked about, how long the list may be, and the time at which the question is put. */
export interface RecommendationQuery {
  readonly userId: string;
  /** The longest list wanted, at least 1. */
  readonly k: number;
  readonly nowMs: EpochMs;
}

/** What happened since the split, or since the last news, and when the next questions are put. */
export interface News extends Played<Shop, Product> {
  /**
   * Counts up from 0. What is fitted to a whole log at once is fitted anew, to all that has been told,
   * these news included, when this is another round than that of the last news.
   */
  readonly round: number;
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
  /** The name of the recommender that this is, with a part missing. */
  readonly ablationOf?: string;
  /**
   * Takes in what happened. A question that follows is answered with it, the asker's own behaviours
   * without delay. One that lacks this can only be asked at the split.
   */
  learn?(news: News): Promise<void>;
  /**
   * Product ids, best first, at most `k`. An unknown user is a new user. A rejection ends the
   * evaluation: a recommender that fails for some users has not been measured.
   */
  recommend(query: RecommendationQuery): Promise<readonly string[]>;
}
