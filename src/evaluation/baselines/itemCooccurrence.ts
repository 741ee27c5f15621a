import { DAY_MS } from '../../core/time.js';
import type { Recommender } from '../recommender.js';
import type { NeighboursByRound } from './neighbours.js';
import { fadedHistory, type Past } from './past.js';
import type { Ranking } from './popular.js';
import { fillUp, grown, topProducts } from './topProducts.js';

/** How a list is made from neighbours. */
export interface CooccurrenceSettings {
  readonly halfLifeMs: number;
  /** Neighbours of each product that are asked, nearest first. */
  readonly nearest: number;
  /**
   * Whether a person's own products may be recommended again, each as near to itself as anything
   * can be (1); if not, they are left out.
   */
  readonly ownProducts: boolean;
}

/**
 * Item-to-item neighbours of what a person did: score(p) = Σ over their products h of
 * fadedWeight(h) · similarity(h, p).
 */
export function itemCooccurrence(options: {
  past: Past;
  neighbours: NeighboursByRound;
  settings: CooccurrenceSettings;
  /** Products for the places that remain. */
  filler: Ranking;
}): Recommender {
  const { past, neighbours, filler } = options;
  const { halfLifeMs, nearest, ownProducts } = options.settings;
  let scores = new Float64Array(0);

  /** Leaves the scores in `scores`, and answers which products have one. */
  const scoreNeighbours = (own: ReadonlyMap<number, number>): number[] => {
    const scored: number[] = [];
    const { products, similarities: all } = neighbours.current();
    const add = (product: number, score: number) => {
      if (scores[product] === 0) scored.push(product);
      scores[product] = (scores[product] as number) + score;
    };
    for (const [product, weight] of own) {
      if (ownProducts) add(product, weight);
      // A product that was not there yet when they were found has none.
      const near = products[product] ?? [];
      const similarities = all[product] ?? [];
      for (let index = 0; index < Math.min(nearest, near.length); index++) {
        const other = near[index] as number;
        if (ownProducts || !own.has(other)) add(other, weight * (similarities[index] as number));
      }
    }
    return scored;
  };

  return {
    name: 'item co-occurrence',
    settings: { halfLifeDays: halfLifeMs / DAY_MS, nearest, ownProducts, shrinkage: neighbours.shrinkage },
    learn: async (news) => neighbours.learn(news),
    recommend: async ({ userId, k }) => {
      scores = grown(scores, past.productIds.length);
      const own = fadedHistory({ history: past.histories.get(userId) ?? [], halfLifeMs });
      const scored = scoreNeighbours(own);
      const top = topProducts(scored, scores, k);
      for (const product of scored) scores[product] = 0;
      const rest = ownProducts ? filler() : filler().filter((product) => !own.has(product));
      return fillUp(top, rest, k).map((product) => past.productIds[product] as string);
    },
  };
}
