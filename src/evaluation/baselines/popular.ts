import { DAY_MS, type EpochMs } from '../../core/time.js';
import type { Recommender } from '../recommender.js';
import { fading, MOST_HALF_LIVES, type Past } from './past.js';
import { grown, topProducts } from './topProducts.js';

/** How many popular products are kept: more than any list is long. */
const KEPT = 1_000;

/** Scores are written as of a moment that moves on before 2^x could overflow. */
const HALF_LIVES_AHEAD = 500;

/** Products best first, as of all that the past holds when it is called. */
export type Ranking = () => readonly number[];

/**
 * The products that most was done with, best first: Σ weight · 2^(−age ÷ halfLife) over all people.
 * Their order does not change as time passes, so that only what is new in the past is added.
 */
export function popularProducts(options: { past: Past; halfLifeMs: number }): Ranking {
  const { past, halfLifeMs } = options;
  let scores = new Float64Array(0);
  let asOfMs: EpochMs | undefined;
  let read = 0;
  let ranked: readonly number[] = [];

  const moveTo = (nowMs: EpochMs) => {
    const factor = fading({ atMs: asOfMs ?? nowMs, nowMs, halfLifeMs });
    asOfMs = nowMs;
    for (const [product, score] of scores.entries()) {
      if (score > 0) scores[product] = Math.max(score * factor, 2 ** -MOST_HALF_LIVES);
    }
  };

  return () => {
    if (read === past.log.length) return ranked;
    scores = grown(scores, past.productIds.length);
    for (; read < past.log.length; read++) {
      const { product, atMs, weight } = (past.log[read] as Past['log'][number]).behaviour;
      if (asOfMs === undefined || (atMs - asOfMs) / halfLifeMs > HALF_LIVES_AHEAD) moveTo(atMs);
      const faded = weight * fading({ atMs, nowMs: asOfMs as EpochMs, halfLifeMs });
      scores[product] = (scores[product] as number) + faded;
    }
    ranked = topProducts(scores.keys(), scores, KEPT);
    return ranked;
  };
}

/** The same list for everybody: what most was done with, of all time. */
export function popular(options: { past: Past }): Recommender {
  return sameForAll('popular', options.past, Infinity);
}

/** The same list for everybody: what most was done with lately. */
export function recentlyPopular(options: { past: Past; halfLifeMs: number }): Recommender {
  return {
    ...sameForAll('recently popular', options.past, options.halfLifeMs),
    settings: { halfLifeDays: options.halfLifeMs / DAY_MS },
  };
}

function sameForAll(name: string, past: Past, halfLifeMs: number): Recommender {
  const ranking = popularProducts({ past, halfLifeMs });
  return {
    name,
    learn: async (news) => past.learn(news),
    recommend: async ({ k }) =>
      ranking()
        .slice(0, k)
        .map((product) => past.productIds[product] as string),
  };
}
