import { HOUR_MS } from '../../core/time.js';
import type { Recommender } from '../recommender.js';
import type { Past, PastBehaviour } from './past.js';
import type { Ranking } from './popular.js';
import { fillUp, grown, topProducts } from './topProducts.js';
import type { Visits } from './visits.js';

/** How a list is made from visits. */
export interface SessionKnnSettings {
  /** The person's latest products that are looked for in visits, at most. */
  readonly remembered: number;
  /** The latest visits that hold one of them are compared, at most so many (`m` in the paper). */
  readonly compared: number;
  /** The most alike of these are asked (`k` in the paper). */
  readonly nearest: number;
  /** Whether a person's own products may be recommended again. The paper drops the latest one alone. */
  readonly ownProducts: boolean;
}

/**
 * VMIS-kNN (Kersbergen, Sprangers and Schelter: Serenade, SIGMOD 2022): the visits most like what the
 * person did last vote for what else they hold. A remembered product at position p of n, the latest
 * being 1, makes a visit more alike by (n − p + 1) ÷ n; a visit votes with that sum, times
 * 1 − 0.1 × the position of the latest product shared (nothing from the tenth on), times
 * log(visits ÷ visits with the product).
 *
 * The paper goes on from an open visit. A question here may come days after the last one, so what is
 * remembered is the person's latest products, of whichever visit.
 */
export function sessionKnn(options: {
  past: Past;
  visits: Visits;
  settings: SessionKnnSettings;
  /** Products for the places that remain. */
  filler: Ranking;
}): Recommender {
  const { past, visits, filler } = options;
  const { remembered, compared, nearest, ownProducts } = options.settings;
  let scores = new Float64Array(0);
  const rarity = (product: number) =>
    Math.log(visits.products.length / (visits.byProduct[product] as readonly number[]).length);

  /** Leaves the scores in `scores`, and answers which products have one. */
  const vote = (latest: readonly number[]): number[] => {
    const voted: number[] = [];
    for (const { visit, likeness, sharedAt } of likestVisits(latest)) {
      const voice = likeness * Math.max(0, 1 - 0.1 * sharedAt);
      for (const product of visits.products[visit] ?? []) {
        const score = voice * rarity(product);
        if (score === 0) continue;
        if (scores[product] === 0) voted.push(product);
        scores[product] = (scores[product] as number) + score;
      }
    }
    return voted;
  };

  const likestVisits = (latest: readonly number[]) => {
    const found = new Map<number, { visit: number; likeness: number; sharedAt: number }>();
    latest.forEach((product, index) => {
      const closeness = (latest.length - index) / latest.length;
      for (const visit of (visits.byProduct[product] as readonly number[]).slice(-compared)) {
        const known = found.get(visit);
        if (known) known.likeness += closeness;
        else found.set(visit, { visit, likeness: closeness, sharedAt: index + 1 });
      }
    });
    return [...found.values()]
      .sort((a, b) => b.visit - a.visit)
      .slice(0, compared)
      .sort((a, b) => b.likeness - a.likeness)
      .slice(0, nearest);
  };

  return {
    name: 'session kNN',
    settings: { gapHours: visits.gapMs / HOUR_MS, remembered, compared, nearest, ownProducts },
    learn: async (news) => past.learn(news),
    recommend: async ({ userId, k }) => {
      visits.catchUp();
      scores = grown(scores, past.productIds.length);
      const history = past.histories.get(userId) ?? [];
      const voted = vote(latestProducts(history, remembered));
      const own = new Set(ownProducts ? [] : history.map(({ product }) => product));
      const top = topProducts(
        voted.filter((product) => !own.has(product)),
        scores,
        k,
      );
      for (const product of voted) scores[product] = 0;
      const rest = ownProducts ? filler() : filler().filter((product) => !own.has(product));
      return fillUp(top, rest, k).map((product) => past.productIds[product] as string);
    },
  };
}

/** The latest `count` different products, latest first. */
function latestProducts(history: readonly PastBehaviour[], count: number): number[] {
  const latest = new Set<number>();
  for (let index = history.length - 1; index >= 0 && latest.size < count; index--) {
    latest.add((history[index] as PastBehaviour).product);
  }
  return [...latest];
}
