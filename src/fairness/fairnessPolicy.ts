import { DAY_MS, type HalfLifeMs, halfLife, type WindowMs, window } from '../core/time.js';

/** What an operator decides of exposure fairness (R7). Ratios are 0–1; boosts are in odds of a page's mean, see `pageBoosts.ts`. */
export interface FairnessPolicy {
  /** Exposure is counted all the same when it is off, so that the report says what is missing. */
  readonly isEnabled: boolean;
  /** The share of exposure that the tail is to get; when absent, twice what it wins alone, see `fullTarget`. */
  readonly targetTailShareRatio?: number;
  /** The most of its relevance that one page may give up: a page is never dearer. */
  readonly pageBudgetRatio: number;
  /** Users who see no boost, so that its effect can be told. */
  readonly heldOutRatio: number;
  /** Shops that are head at most; the rest is the long tail. */
  readonly headShopRatio: number;
  /** The most that an item of the tail is lifted. */
  readonly mostBoost: number;
  /** Nothing is lifted that is less relevant than this part of the page's last by relevance. */
  readonly relevanceFloorRatio: number;
  /** Nothing is lifted whose quality (0–1, see `qualityOf`) is below. */
  readonly qualityGate: number;
  /** How fast exposure is forgotten. */
  readonly exposureHalfLifeMs: HalfLifeMs;
  /** Pages in memory at which half of the target holds: the fewer, the less is asked of each (BankFair). */
  readonly lowTrafficPages: number;
  /** A shop pays when its share of exposure is above this many times its share of merit. */
  readonly meritMultiple: number;
  /** The most that an item of such a shop is put back. */
  readonly mostPrice: number;
  readonly newShops: NewShopPolicy;
}

/** What a new shop is owed while nobody knows what it is worth. */
export interface NewShopPolicy {
  /** How long a shop is new. */
  readonly windowMs: WindowMs;
  /** The exposure that it is owed, in first places. */
  readonly exposureFloor: number;
  /** The most that an item of it is lifted, when it has none. */
  readonly mostBoost: number;
}

/** The shipped policy. Each figure: `docs/decisions/0023-fairness-is-a-loop-with-a-budget.md`. */
export const DEFAULT_FAIRNESS_POLICY: FairnessPolicy = {
  isEnabled: true,
  pageBudgetRatio: 0.02,
  heldOutRatio: 0.01,
  headShopRatio: 0.2,
  mostBoost: 1,
  relevanceFloorRatio: 0.6,
  qualityGate: 0.5,
  exposureHalfLifeMs: halfLife(DAY_MS),
  lowTrafficPages: 200,
  meritMultiple: 3,
  mostPrice: 0.5,
  newShops: { windowMs: window(30 * DAY_MS), exposureFloor: 20, mostBoost: 0.5 },
};
