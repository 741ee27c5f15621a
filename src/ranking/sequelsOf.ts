import { forEachSequel } from '../behaviour/sequels.js';
import type { EpochMs } from '../core/time.js';
import { popularityAt } from '../tags/productState.js';
import type { RankingState } from './rankingState.js';

/** How a product follows what a person turned to lately (R12). */
export interface Sequel {
  /** Sum of shares over the latest products, the latest counting most. */
  sum: number;
  /** The largest part of the sum, and the product that it came from. */
  best: number;
  via: number;
  /** Share of what is taken after `via`, and the fading weight behind it. */
  part: number;
  weight: number;
}

/** Latest products whose sequels are looked at. */
const LOOKED_AT = 20;

/** By ordinal, of all that follows any of the latest products. */
export function sequelsOf(
  recent: readonly { readonly ordinal: number; readonly weight: number }[],
  state: RankingState,
  nowMs: EpochMs,
): Map<number, Sequel> {
  const found = new Map<number, Sequel>();
  for (const { ordinal: via, weight } of recent.slice(0, LOOKED_AT)) {
    forEachSequel(state.sequels, via, nowMs, (sequel, { share, part, weight: evidence }) => {
      const worth = share * weight;
      const known = found.get(sequel);
      if (known === undefined) {
        found.set(sequel, { sum: worth, best: worth, via, part, weight: evidence });
        return;
      }
      known.sum += worth;
      if (worth > known.best) {
        known.best = worth;
        known.via = via;
        known.part = part;
        known.weight = evidence;
      }
    });
  }
  return found;
}

/** Popularity that everything has beside its own, so that what nobody knows is not lifted without bounds. */
const PRIOR_POPULARITY = 0.5;
const PRIOR_TOTAL = 100;

/** How much more often a product follows `via` than it is taken at all: 1 as often. */
export function sequelLift(
  { part }: Sequel,
  {
    ordinal,
    state,
    totalPopularity,
    nowMs,
  }: {
    ordinal: number;
    state: RankingState;
    totalPopularity: number;
    nowMs: EpochMs;
  },
): number {
  const product = state.productState(ordinal);
  const popularity = product === undefined ? 0 : popularityAt(product, 2, nowMs);
  return part / ((popularity + PRIOR_POPULARITY) / (totalPopularity + PRIOR_TOTAL));
}
