import type { EpochMs } from '../core/time.js';

/** Who sees the boost, and who does not so that its effect can be told. */
export type Arm = 'boosted' | 'held_out';

/** What one arm was shown of one shop, and did with it. */
export interface ShopTally {
  readonly arm: Arm;
  /** Absent for products without a shop. */
  readonly shopId?: string;
  /** In first places, not faded. */
  readonly exposure: number;
  /** Browses and purchases that name a list in which the product stood. */
  readonly clicks: number;
  readonly orders: number;
}

/** The lists of one arm. */
export interface PageTally {
  readonly arm: Arm;
  readonly pages: number;
  /** Lists that had something to boost. */
  readonly boostedPages: number;
  /** The part of its relevance that a list gave up: mean, and most. */
  readonly meanLostRatio: number;
  readonly mostLostRatio: number;
}

/**
 * Sums over the served lists of the truth that fairness saw, and over the behaviours that name them. Lists that were served
 * in `fromMs` ≤ t < `throughMs` count; an arm without a list has no tally. Rejects with `UnavailableError` when the
 * engine fails.
 */
export interface ExposureTallies {
  between(window: { fromMs: EpochMs; throughMs: EpochMs }): Promise<{
    readonly shops: readonly ShopTally[];
    readonly pages: readonly PageTally[];
  }>;
}
