import { InvalidInputError, type Violation } from '../core/errors.js';
import { DAY_MS, type HalfLifeMs, halfLife } from '../core/time.js';
import { BEHAVIOUR_TYPES, type BehaviourType } from '../core/vocabulary.js';

/** How much a behaviour says, and for how long (T4, T6). Only ratios of weights matter. */
export interface BehaviourWeight {
  readonly weight: number;
  readonly halfLifeMs: HalfLifeMs;
}

/**
 * The weights in force, the same for everything that a process folds and reads.
 *
 * To change them takes a restart, and nothing else that is stored: the truth and Redis keep behaviours, never
 * what was folded from them, so a start folds the whole past by the new ones and no rebuild is due. All servers
 * of one shop need the same. A model was fitted to what the weights in force made of the past, so train it anew
 * under the new ones; until then it is used, and a start says so (its manifest keeps `weightsFingerprint`).
 */
export type BehaviourWeights = Readonly<Record<BehaviourType, BehaviourWeight>>;

const days = (count: number): HalfLifeMs => halfLife(count * DAY_MS);

/**
 * Starting weights, to be refit from data. Anchors: Metarank counts click 1, like 1.5, purchase 3
 * with half-lives of 3, 7 and 13 days; Algolia's example has cart 50 and purchase 100; Chinese
 * practice puts favourite above search above browse and counts taking back against.
 */
export const STARTING_WEIGHTS: BehaviourWeights = {
  purchase: { weight: 8, halfLifeMs: days(90) },
  add_to_cart: { weight: 5, halfLifeMs: days(14) },
  favourite: { weight: 4, halfLifeMs: days(30) },
  inquiry: { weight: 3, halfLifeMs: days(14) },
  follow: { weight: 2.5, halfLifeMs: days(30) },
  share: { weight: 2.5, halfLifeMs: days(30) },
  search: { weight: 1.5, halfLifeMs: days(7) },
  browse: { weight: 1, halfLifeMs: days(7) },
  // The rating decides the sign; see `ratingFactor`.
  review: { weight: 2, halfLifeMs: days(30) },
  remove_from_cart: { weight: -3, halfLifeMs: days(30) },
  remove_favourite: { weight: -3, halfLifeMs: days(30) },
  refund: { weight: -6, halfLifeMs: days(30) },
  not_interested: { weight: -5, halfLifeMs: days(30) },
};

/** The order that no configuration and no fit may break (T4). */
export const REQUIRED_ORDER: readonly BehaviourType[] = [
  'purchase',
  'add_to_cart',
  'favourite',
  'inquiry',
  'browse',
];

const NEGATIVE: readonly BehaviourType[] = [
  'remove_from_cart',
  'remove_favourite',
  'refund',
  'not_interested',
];

/** Returns the weights when they keep the order of T4, or throws naming every breach. */
export function checkWeights(weights: BehaviourWeights): BehaviourWeights {
  const violations: Violation[] = [];
  for (const type of BEHAVIOUR_TYPES) {
    const { weight, halfLifeMs } = weights[type];
    const field = `weights.${type}`;
    if (!Number.isFinite(weight)) violations.push({ field, rule: 'weight must be a finite number' });
    if (!(halfLifeMs > 0 && Number.isFinite(halfLifeMs))) {
      violations.push({ field, rule: 'half-life must be a positive number of milliseconds' });
    }
    if (NEGATIVE.includes(type) ? !(weight < 0) : !(weight > 0)) {
      violations.push({ field, rule: NEGATIVE.includes(type) ? 'must be below 0' : 'must be above 0' });
    }
  }
  for (let i = 1; i < REQUIRED_ORDER.length; i++) {
    const [stronger, weaker] = [REQUIRED_ORDER[i - 1] as BehaviourType, REQUIRED_ORDER[i] as BehaviourType];
    if (!(weights[stronger].weight > weights[weaker].weight)) {
      violations.push({
        field: `weights.${stronger}`,
        rule:
          `must weigh more than ${weaker} (${weights[stronger].weight} is not above ${weights[weaker].weight}): ` +
          'raise the one or lower the other',
      });
    }
  }
  if (violations.length > 0) throw new InvalidInputError(violations);
  return weights;
}

/** 5 stars 1, 3 stars 0, 1 star −1; a review without stars says nothing. */
export function ratingFactor(rating: number | undefined): number {
  return rating === undefined ? 0 : (rating - 3) / 2;
}

/** Browses of one product by one user that count in one UTC day. */
export const BROWSES_COUNTED_PER_DAY = 3;

/** A browse shorter than this is a slip of the finger; a browse of unknown length counts. */
export const SHORTEST_BROWSE_MS = 3_000;

/**
 * The k-th order (distinct day) of one user at one shop counts `1 + 0.5·ln k` times (T5).
 * `k` from 1.
 */
export function repurchaseFactor(k: number): number {
  return 1 + 0.5 * Math.log(k);
}

/** One half-life for short-term intent, whatever the behaviour (T6). */
export const SHORT_TERM_HALF_LIFE: HalfLifeMs = days(1);
