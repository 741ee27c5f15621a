import type { Behaviour } from '../../behaviour/behaviour.js';
import { type BehaviourWeights, STARTING_WEIGHTS } from '../../behaviour/weights.js';
import type { EpochMs } from '../../core/time.js';
import type { News } from '../recommender.js';
import { isPositive } from '../targets.js';

/** One positive behaviour of a person. */
export interface PastBehaviour {
  /** Index into `Past.productIds`. */
  readonly product: number;
  readonly atMs: EpochMs;
  /** By the type of behaviour (T4), above 0. */
  readonly weight: number;
}

/**
 * The positive behaviours on products, in the form that all baselines read. It grows: an index, once
 * given, stays, and what was read of `log` need not be read again.
 */
export interface Past {
  readonly productIds: readonly string[];
  /** By user id; each history by time. */
  readonly histories: ReadonlyMap<string, readonly PastBehaviour[]>;
  /** Everybody's, by time. */
  readonly log: readonly { readonly userId: string; readonly behaviour: PastBehaviour }[];
  /** Adds what happened. Several who share a past may all tell it the same news: they count once. */
  learn(news: Pick<News, 'nowMs' | 'behaviours'>): void;
}

/** `before` must be sorted by time, as `splitBehaviours` leaves it. */
export function pastOf(before: readonly Behaviour[], weights: BehaviourWeights = STARTING_WEIGHTS): Past {
  const productIds: string[] = [];
  const indexes = new Map<string, number>();
  const histories = new Map<string, PastBehaviour[]>();
  const log: { userId: string; behaviour: PastBehaviour }[] = [];
  const add = ({ type, userId, productId, occurredAtMs }: Behaviour) => {
    if (productId === undefined || !isPositive(type)) return;
    let product = indexes.get(productId);
    if (product === undefined) {
      product = productIds.push(productId) - 1;
      indexes.set(productId, product);
    }
    const behaviour = { product, atMs: occurredAtMs, weight: weights[type].weight };
    const history = histories.get(userId);
    if (history) history.push(behaviour);
    else histories.set(userId, [behaviour]);
    log.push({ userId, behaviour });
  };
  for (const behaviour of before) add(behaviour);
  let knownUntilMs = Number.NEGATIVE_INFINITY;
  return {
    productIds,
    histories,
    log,
    learn({ nowMs, behaviours }) {
      if (nowMs <= knownUntilMs) return;
      knownUntilMs = nowMs;
      for (const behaviour of behaviours) add(behaviour);
    },
  };
}

/** Beyond this many half-lives nothing fades further: a weight never becomes 0 by underflow. */
export const MOST_HALF_LIVES = 1_000;

/** 2^(−age ÷ halfLife), above 0; 1 for an endless half-life. */
export function fading(options: { atMs: EpochMs; nowMs: EpochMs; halfLifeMs: number }): number {
  return 2 ** Math.max(-MOST_HALF_LIVES, (options.atMs - options.nowMs) / options.halfLifeMs);
}

/**
 * What each product that a person acted on weighs, summed over the behaviours, by product, as of
 * their last behaviour: from then on all weights fade alike, and no order changes.
 */
export function fadedHistory(options: {
  history: readonly PastBehaviour[];
  halfLifeMs: number;
}): Map<number, number> {
  const { history, halfLifeMs } = options;
  const nowMs = history[history.length - 1]?.atMs ?? 0;
  const weights = new Map<number, number>();
  for (const { product, atMs, weight } of history) {
    const faded = weight * fading({ atMs, nowMs, halfLifeMs });
    weights.set(product, (weights.get(product) ?? 0) + faded);
  }
  return weights;
}
