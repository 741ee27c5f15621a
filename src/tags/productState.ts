import { emptyRepeatStats, type RepeatStats } from '../behaviour/repurchase.js';
import { addDecayed, type DecayedSum, emptySum, readDecayed } from '../core/decay.js';
import { DAY_MS, type EpochMs, type HalfLifeMs, halfLife } from '../core/time.js';
import type { BehaviourType } from '../core/vocabulary.js';
import type { Audience } from './audience.js';
import { countAt, type FadingCount, noteSeen } from './fadingCount.js';

/** What behaviours have taught about one product. */
export interface ProductState {
  /** Weighted behaviour at each of `POPULARITY_HALF_LIVES`. */
  readonly popularity: readonly DecayedSum[];
  /** Weighted behaviour of all time, unfaded. */
  allTime: number;
  /** Behaviours by type, unweighted: the sums fade by `RATE_HALF_LIFE`. */
  readonly byType: Map<BehaviourType, FadingCount>;
  readonly repeat: RepeatStats;
  readonly audience: Audience;
  ratingSum: number;
  ratingCount: number;
  firstSeenMs: EpochMs;
}

/** A day, a week, a month, a quarter: what is hot, what sells, what lasts. */
export const POPULARITY_HALF_LIVES: readonly HalfLifeMs[] = [
  halfLife(DAY_MS),
  halfLife(7 * DAY_MS),
  halfLife(30 * DAY_MS),
  halfLife(90 * DAY_MS),
];

const RATE_HALF_LIFE = halfLife(30 * DAY_MS);

export function emptyProductState(): ProductState {
  return {
    popularity: POPULARITY_HALF_LIVES.map(() => emptySum()),
    allTime: 0,
    byType: new Map(),
    repeat: emptyRepeatStats(),
    audience: new Map(),
    ratingSum: 0,
    ratingCount: 0,
    firstSeenMs: Number.POSITIVE_INFINITY,
  };
}

/** Notes that a behaviour happened, whether or not its weight counts. */
export function noteBehaviour(
  state: ProductState,
  seen: { type: BehaviourType; atMs: EpochMs; rating: number | undefined },
): void {
  const count = countAt(state.byType, seen.type);
  noteSeen(count, seen.atMs);
  addDecayed(count.sum, 1, seen.atMs, RATE_HALF_LIFE);
  state.firstSeenMs = Math.min(state.firstSeenMs, seen.atMs);
  if (seen.rating === undefined) return;
  state.ratingSum += seen.rating;
  state.ratingCount += 1;
}

export function addPopularity(state: ProductState, weight: number, atMs: EpochMs): void {
  state.allTime += weight;
  for (const [i, sum] of state.popularity.entries()) {
    addDecayed(sum, weight, atMs, POPULARITY_HALF_LIVES[i] as HalfLifeMs);
  }
}

/** Popularity at the `index`-th of `POPULARITY_HALF_LIVES`, never below 0. */
export function popularityAt(state: ProductState, index: number, nowMs: EpochMs): number {
  const sum = state.popularity[index];
  if (sum === undefined) return 0;
  return Math.max(0, readDecayed(sum, nowMs, POPULARITY_HALF_LIVES[index] as HalfLifeMs));
}

/** Fading number of behaviours of `type`. */
export function behavioursOf(state: ProductState, type: BehaviourType, nowMs: EpochMs): number {
  const count = state.byType.get(type);
  return count === undefined ? 0 : readDecayed(count.sum, nowMs, RATE_HALF_LIFE);
}
