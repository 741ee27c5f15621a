import { DAY_MS } from '../../core/time.js';
import type { Recommender } from '../recommender.js';
import { fadedHistory, type Past } from './past.js';
import type { Ranking } from './popular.js';
import { fillUp } from './topProducts.js';

/**
 * Each person's own products again, by what they did with them and how lately, filled up with
 * popular ones. Where people come back to what they know (groceries, wholesale, an open cart) few
 * engines beat it.
 */
export function personalFrequency(options: {
  past: Past;
  halfLifeMs: number;
  /** Products for the places that remain. */
  filler: Ranking;
}): Recommender {
  const { past, halfLifeMs, filler } = options;
  return {
    name: 'personal frequency',
    settings: { halfLifeDays: halfLifeMs / DAY_MS },
    learn: async (news) => past.learn(news),
    recommend: async ({ userId, k }) => {
      const history = past.histories.get(userId) ?? [];
      const own = [...fadedHistory({ history, halfLifeMs })]
        .sort(([a, weightA], [b, weightB]) => weightB - weightA || a - b)
        .map(([product]) => product);
      return fillUp(own, filler(), k).map((product) => past.productIds[product] as string);
    },
  };
}
