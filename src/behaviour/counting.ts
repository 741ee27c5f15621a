import { DAY_MS } from '../core/time.js';
import type { Behaviour, LoggedBehaviour } from './behaviour.js';
import {
  type BehaviourWeights,
  BROWSES_COUNTED_PER_DAY,
  ratingFactor,
  repurchaseFactor,
  SHORTEST_BROWSE_MS,
} from './weights.js';

/**
 * Which of a person's behaviours count, and how much, decided so that **the order of arrival does
 * not matter**: the answer is a function of the set of behaviours. Where a late behaviour changes
 * what an earlier one is worth, both changes come out as deltas.
 */
export interface CountingState {
  /** Per product and UTC day: the earliest browses, at most `BROWSES_COUNTED_PER_DAY`. */
  readonly browses: Map<string, LoggedBehaviour[]>;
  /** Per shop: purchases by UTC day, days in order. */
  readonly orders: Map<string, OrderDay[]>;
}

interface OrderDay {
  readonly day: number;
  readonly purchases: LoggedBehaviour[];
}

/** A change of a behaviour's weight, to apply as of `of.behaviour.occurredAtMs`. */
export interface WeightDelta {
  readonly of: LoggedBehaviour;
  readonly weight: number;
}

/** A purchase at a known shop, with what it weighs. */
export interface CountedPurchase {
  readonly of: LoggedBehaviour;
  readonly weight: number;
  /** On which order day at its shop it falls, from 1. */
  readonly orderDay: number;
}

export function emptyCounting(): CountingState {
  return { browses: new Map(), orders: new Map() };
}

/**
 * What a behaviour weighs by itself, before caps and repeats: a glance nothing, a review by its
 * stars. Above 0 the person turned to the product, below 0 away from it.
 */
export function ownWeight({ type, rating, dwellMs }: Behaviour, weights: BehaviourWeights): number {
  const { weight } = weights[type];
  if (type === 'browse' && dwellMs !== undefined && dwellMs < SHORTEST_BROWSE_MS) return 0;
  return type === 'review' ? weight * ratingFactor(rating) : weight;
}

/** Takes one behaviour in and says what changes; `state` is updated in place. */
export function countBehaviour(
  state: CountingState,
  logged: LoggedBehaviour,
  weights: BehaviourWeights,
): WeightDelta[] {
  const weight = ownWeight(logged.behaviour, weights);
  if (weight === 0) return [];
  if (logged.behaviour.type === 'browse') return countBrowse(state, logged, weight);
  if (logged.behaviour.type === 'purchase') return countPurchase(state, logged, weight);
  return plain(logged, weight);
}

function plain(of: LoggedBehaviour, weight: number): WeightDelta[] {
  return [{ of, weight }];
}

function countBrowse(state: CountingState, logged: LoggedBehaviour, weight: number): WeightDelta[] {
  const { productId, shopId, occurredAtMs } = logged.behaviour;
  const key = `${utcDay(occurredAtMs)}|${productId ?? ''}|${productId === undefined ? shopId : ''}`;
  const counted = state.browses.get(key);
  if (counted === undefined) {
    state.browses.set(key, [logged]);
    return plain(logged, weight);
  }
  counted.push(logged);
  counted.sort(byTime);
  if (counted.length <= BROWSES_COUNTED_PER_DAY) return plain(logged, weight);
  const displaced = counted.pop() as LoggedBehaviour;
  return displaced === logged ? [] : [...plain(displaced, -weight), ...plain(logged, weight)];
}

function countPurchase(state: CountingState, logged: LoggedBehaviour, weight: number): WeightDelta[] {
  const { shopId } = logged.context;
  if (shopId === undefined) return plain(logged, weight);
  const day = utcDay(logged.behaviour.occurredAtMs);
  let days = state.orders.get(shopId);
  if (days === undefined) {
    days = [];
    state.orders.set(shopId, days);
  }
  let at = days.length;
  while (at > 0 && (days[at - 1] as OrderDay).day > day) at--;
  const sameDay = at > 0 && (days[at - 1] as OrderDay).day === day ? days[at - 1] : undefined;
  if (sameDay !== undefined) {
    sameDay.purchases.push(logged);
    return [purchaseAt(logged, weight, at)];
  }
  days.splice(at, 0, { day, purchases: [logged] });
  const deltas = [purchaseAt(logged, weight, at + 1)];
  for (let later = at + 1; later < days.length; later++) {
    for (const purchase of (days[later] as OrderDay).purchases) {
      const [before, after] = [purchaseAt(purchase, weight, later), purchaseAt(purchase, weight, later + 1)];
      deltas.push({ of: purchase, weight: after.weight - before.weight });
    }
  }
  return deltas;
}

/** A purchase on the k-th order day at its shop. */
function purchaseAt(of: LoggedBehaviour, weight: number, k: number): WeightDelta {
  return { of, weight: weight * repurchaseFactor(k) };
}

/** The purchases at known shops from a UTC day on, those of one moment in an order that is always the same. */
export function purchasesFrom(
  state: CountingState,
  fromDay: number,
  weights: BehaviourWeights,
): CountedPurchase[] {
  const found: CountedPurchase[] = [];
  for (const days of state.orders.values()) {
    for (let at = days.length - 1; at >= 0 && (days[at] as OrderDay).day >= fromDay; at--) {
      for (const of of (days[at] as OrderDay).purchases) {
        const orderDay = at + 1;
        const { weight } = purchaseAt(of, ownWeight(of.behaviour, weights), orderDay);
        found.push({ of, weight, orderDay });
      }
    }
  }
  return found.sort((a, b) => byTime(a.of, b.of));
}

/** Equal keys weigh equally, so that ties cannot make the order of arrival matter. */
function byTime(a: LoggedBehaviour, b: LoggedBehaviour): number {
  return (
    a.behaviour.occurredAtMs - b.behaviour.occurredAtMs ||
    a.context.productRevision - b.context.productRevision ||
    (a.behaviour.eventId < b.behaviour.eventId ? -1 : 1)
  );
}

export function utcDay(ms: number): number {
  return Math.floor(ms / DAY_MS);
}
