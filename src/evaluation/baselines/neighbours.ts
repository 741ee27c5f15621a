import type { News } from '../recommender.js';
import type { Past } from './past.js';
import { topProducts } from './topProducts.js';

/** Per product: the products nearest to it, nearest first, and how near they are, in (0, 1]. */
export interface Neighbours {
  readonly products: readonly Int32Array[];
  readonly similarities: readonly Float64Array[];
}

/**
 * Item-to-item cosine over people, each counted once a product, with shrinkage against chance
 * meetings: |A ∩ B| ÷ (√(|A|·|B|) + shrinkage). Dacrema, Cremonesi and Jannach (RecSys 2019) found
 * it, well tuned, ahead of most neural recommenders. Costs Σ |products of a person|².
 */
export function cosineNeighbours(options: { past: Past; kept: number; shrinkage: number }): Neighbours {
  const { kept, shrinkage } = options;
  const baskets = [...options.past.histories.values()].map((history) =>
    Int32Array.from(new Set(history.map(({ product }) => product))),
  );
  const holders = holdersOf(baskets, options.past.productIds.length);
  const rootSizes = Float64Array.from(holders, (people) => Math.sqrt(people.length));
  const together = new Float64Array(holders.length);
  const near = new Float64Array(holders.length);
  const met = new Int32Array(holders.length);
  const products: Int32Array[] = [];
  const similarities: Float64Array[] = [];
  for (let product = 0; product < holders.length; product++) {
    const rootSize = rootSizes[product] as number;
    let metCount = 0;
    for (const person of holders[product] as number[]) {
      const basket = baskets[person] as Int32Array;
      for (let index = 0; index < basket.length; index++) {
        const other = basket[index] as number;
        const times = together[other] as number;
        if (times === 0) met[metCount++] = other;
        together[other] = times + 1;
      }
    }
    for (let index = 0; index < metCount; index++) {
      const other = met[index] as number;
      near[other] = (together[other] as number) / (rootSize * (rootSizes[other] as number) + shrinkage);
      together[other] = 0;
    }
    near[product] = 0;
    const nearest = topProducts(met.subarray(0, metCount), near, kept);
    products.push(Int32Array.from(nearest));
    similarities.push(Float64Array.from(nearest, (other) => near[other] as number));
  }
  return { products, similarities };
}

/** Neighbours that are found anew each round. */
export interface NeighboursByRound {
  readonly shrinkage: number;
  /** As of the last round. A product that was not there yet has none. */
  current(): Neighbours;
  /** Several who share them may all tell the same news. */
  learn(news: News): void;
}

export function neighboursByRound(options: {
  past: Past;
  kept: number;
  shrinkage: number;
}): NeighboursByRound {
  let neighbours = cosineNeighbours(options);
  let round: number | undefined;
  return {
    shrinkage: options.shrinkage,
    current: () => neighbours,
    learn(news) {
      options.past.learn(news);
      if (news.round === round) return;
      round = news.round;
      neighbours = cosineNeighbours(options);
    },
  };
}

/** Per product, the people (by position in `baskets`) who hold it. */
function holdersOf(baskets: readonly Int32Array[], productCount: number): number[][] {
  const holders = Array.from({ length: productCount }, (): number[] => []);
  baskets.forEach((basket, person) => {
    for (const product of basket) (holders[product] as number[]).push(person);
  });
  return holders;
}
