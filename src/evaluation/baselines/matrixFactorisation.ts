import type { Recommender } from '../recommender.js';
import type { FactorisationSettings, Factoriser } from './factoriser.js';
import type { Past } from './past.js';
import type { Ranking } from './popular.js';
import { fillUp } from './topProducts.js';

const NAMES = { als: 'ALS', bpr: 'BPR' } as const;

/**
 * Factors of people and products, fitted to what the past holds. Each round goes on from the last one, with
 * all that is known by then; in between, whoever asks is folded in with all that they did.
 */
export async function matrixFactorisation(options: {
  past: Past;
  /** Knows the same past. */
  factoriser: Factoriser;
  settings: FactorisationSettings;
  seed: number;
  /** Products for the places that remain. */
  filler: Ranking;
}): Promise<Recommender> {
  const { past, factoriser, settings, filler } = options;
  const model = await factoriser.fit({ ...settings, seed: options.seed });
  const { method, ...shown } = settings;
  let round: number | undefined;
  return {
    name: NAMES[method],
    settings: shown,
    async learn(news) {
      past.learn(news);
      await factoriser.catchUp();
      if (news.round === round) return;
      round = news.round;
      await factoriser.refit(model);
    },
    async recommend({ userId, k }) {
      const top = await factoriser.recommend(model, userId, k);
      const own = new Set(
        settings.ownProducts ? [] : past.histories.get(userId)?.map(({ product }) => product),
      );
      const rest = filler().filter((product) => !own.has(product));
      return fillUp(top, rest, k).map((product) => past.productIds[product] as string);
    },
  };
}
