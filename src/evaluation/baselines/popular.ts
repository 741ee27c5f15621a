import { DAY_MS, type EpochMs } from '../../core/time.js';
import type { Recommender } from '../recommender.js';
import { fading, type Past } from './past.js';
import { topProducts } from './topProducts.js';

/** How many popular products are kept: more than any list is long. */
const KEPT = 1_000;

/**
 * The products that most was done with, best first: Σ weight · 2^(−age ÷ halfLife) over all people
 * as of `nowMs`. Their order does not change as time passes.
 */
export function popularProducts(options: { past: Past; nowMs: EpochMs; halfLifeMs: number }): number[] {
  const { past, nowMs, halfLifeMs } = options;
  const scores = new Float64Array(past.productIds.length);
  for (const history of past.histories.values()) {
    for (const { product, atMs, weight } of history) {
      scores[product] = (scores[product] as number) + weight * fading({ atMs, nowMs, halfLifeMs });
    }
  }
  return topProducts(scores.keys(), scores, KEPT);
}

/** The same list for everybody: what most was done with, of all time. */
export function popular(options: { past: Past; nowMs: EpochMs }): Recommender {
  return sameForAll('popular', options.past, popularProducts({ ...options, halfLifeMs: Infinity }));
}

/** The same list for everybody: what most was done with lately. */
export function recentlyPopular(options: { past: Past; nowMs: EpochMs; halfLifeMs: number }): Recommender {
  return {
    ...sameForAll('recently popular', options.past, popularProducts(options)),
    settings: { halfLifeDays: options.halfLifeMs / DAY_MS },
  };
}

function sameForAll(name: string, past: Past, products: readonly number[]): Recommender {
  const ranked = products.map((product) => past.productIds[product] as string);
  return { name, recommend: async ({ k }) => ranked.slice(0, k) };
}
