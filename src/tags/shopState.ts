import { addDecayed, type DecayedSum, emptySum, readDecayed } from '../core/decay.js';
import { DAY_MS, type EpochMs, halfLife } from '../core/time.js';
import type { Audience } from './audience.js';

/** What behaviours have taught about one shop. */
export interface ShopState {
  /** Weighted behaviour, fading by `HALF_LIFE`. */
  readonly popularity: DecayedSum;
  /** Per product: weight of behaviour of positive sign, loyal and clear buyers counting more (T5). */
  readonly sales: Map<string, DecayedSum>;
  readonly audience: Audience;
  buyers: number;
  /** Buyers with orders on at least two days. */
  returningBuyers: number;
  ratingSum: number;
  ratingCount: number;
}

const HALF_LIFE = halfLife(90 * DAY_MS);

export function emptyShopState(): ShopState {
  return {
    popularity: emptySum(),
    sales: new Map(),
    audience: new Map(),
    buyers: 0,
    returningBuyers: 0,
    ratingSum: 0,
    ratingCount: 0,
  };
}

export function addShopBehaviour(
  state: ShopState,
  change: { productId: string | undefined; weight: number; atMs: EpochMs },
): void {
  addDecayed(state.popularity, change.weight, change.atMs, HALF_LIFE);
  if (change.productId === undefined) return;
  let sales = state.sales.get(change.productId);
  if (sales === undefined) {
    sales = emptySum();
    state.sales.set(change.productId, sales);
  }
  addDecayed(sales, change.weight, change.atMs, HALF_LIFE);
}

export function shopPopularity(state: ShopState, nowMs: EpochMs): number {
  return Math.max(0, readDecayed(state.popularity, nowMs, HALF_LIFE));
}

export function salesOf(state: ShopState, productId: string, nowMs: EpochMs): number {
  const sum = state.sales.get(productId);
  return sum === undefined ? 0 : Math.max(0, readDecayed(sum, nowMs, HALF_LIFE));
}
