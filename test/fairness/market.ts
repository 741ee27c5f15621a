import { createCatalogIndex } from '../../src/catalog/catalogIndex.js';
import { seededRandom } from '../../src/core/random.js';
import { MINUTE_MS } from '../../src/core/time.js';
import { Exposure } from '../../src/fairness/exposure.js';
import { FairnessInForce } from '../../src/fairness/fairnessInForce.js';
import { DEFAULT_FAIRNESS_POLICY, type FairnessPolicy } from '../../src/fairness/fairnessPolicy.js';
import { UNSTEERED } from '../../src/fairness/fairnessState.js';
import { boostParts } from '../../src/fairness/pageBoosts.js';
import { pageRelevance, withinBudget } from '../../src/fairness/pageBudget.js';
import { type ShopFacts, stepFairness } from '../../src/fairness/stepFairness.js';
import { NOON_MS } from '../support/builders.js';

const SHOPS = 100;
const CANDIDATES = 60;
const PAGE_SIZE = 10;
/** A page of the market every so often in calm traffic. */
export const PAGE_EVERY_MS = MINUTE_MS / 2;

/**
 * A small market without a server: pages of ten from sixty candidates of shops of unequal appeal, chosen by
 * relevance and boosts within the budget, counted, and steered by the loop. Time is simulated.
 */
export class Market {
  readonly policy: FairnessPolicy;
  nowMs = NOON_MS;
  /** Log-odds by shop; the test may change it. */
  readonly appeal: Float64Array;
  readonly #random: () => number;
  readonly #catalog = createCatalogIndex();
  readonly #exposure: Exposure;
  readonly #inForce: FairnessInForce;
  readonly #lost = { relevance: 0, total: 0, worstRatio: 0 };

  constructor(policy: Partial<FairnessPolicy> = {}, seed = 1) {
    this.policy = { ...DEFAULT_FAIRNESS_POLICY, ...policy };
    this.#random = seededRandom(seed);
    this.#exposure = new Exposure(this.policy.exposureHalfLifeMs);
    for (let shop = 0; shop < SHOPS; shop++) this.#catalog.ensureShop(`shop-${shop}`);
    this.#inForce = new FairnessInForce({ policy: this.policy, shops: this.#catalog.shops });
    this.appeal = Float64Array.from({ length: SHOPS }, (_, shop) => -2 - 0.7 * Math.log(1 + shop));
  }

  get state() {
    return this.#inForce.state;
  }

  /** Part of all relevance that was given up, and of the dearest page. */
  get lost() {
    return { ratio: this.#lost.relevance / this.#lost.total, worstRatio: this.#lost.worstRatio };
  }

  /** Serves pages and steps the loop every `stepEvery` of them; tells each step to `onStep`. */
  run(pages: number, { everyMs = PAGE_EVERY_MS, stepEvery = 20, onStep = () => {} }: RunOptions = {}): void {
    for (let page = 1; page <= pages; page++) {
      this.nowMs += everyMs;
      this.#serve();
      if (page % stepEvery !== 0) continue;
      this.step();
      onStep(this);
    }
  }

  step(): void {
    const { policy, nowMs } = this;
    const facts: ShopFacts = { shopCount: SHOPS, meritOf: () => 1, totalMerit: SHOPS, newShops: () => [] };
    const how = { exposure: this.#exposure, facts, nowMs, policy, steeredBy: 'market' };
    this.#inForce.take(stepFairness(this.state ?? UNSTEERED, how));
  }

  #serve(): void {
    const random = this.#random;
    const shops = Int32Array.from({ length: CANDIDATES }, () => Math.floor(random() * SHOPS));
    const scores = Float64Array.from(shops, (shop) => {
      const noise = random() + random() + random() - 1.5;
      return (this.appeal[shop] as number) + 2 * noise;
    });
    const relevance = scores.map((score) => 1 / (1 + Math.exp(-score)));
    const unboosted = topOf(scores);
    const boosts = this.#inForce.boostsFor({
      shops,
      relevance,
      pageSize: PAGE_SIZE,
      mayBeLifted: () => true,
      openness: 1,
    });
    const relevanceOf = (place: number) => relevance[place] as number;
    const page =
      boosts &&
      withinBudget({
        unboosted,
        boosted: (scale) => {
          const { fairness, shopPrice } = boostParts(boosts, scale);
          return topOf(scores.map((score, i) => score + (fairness[i] as number) + (shopPrice[i] as number)));
        },
        relevanceOf,
        budgetRatio: this.policy.pageBudgetRatio,
      });
    const shopIdAt = (place: number) => this.#catalog.shops.idOf(shops[place] as number);
    this.#exposure.add({
      atMs: this.nowMs,
      items: (page?.slots ?? unboosted).map((place) => ({
        productId: `product-${place}`,
        shopId: shopIdAt(place),
      })),
      unboostedShopIds: unboosted.map(shopIdAt),
      boostScale: page?.scale,
    });
    this.#lost.total += pageRelevance(unboosted, relevanceOf);
    this.#lost.relevance += (page?.lostRatio ?? 0) * pageRelevance(unboosted, relevanceOf);
    this.#lost.worstRatio = Math.max(this.#lost.worstRatio, page?.lostRatio ?? 0);
  }
}

interface RunOptions {
  readonly everyMs?: number;
  readonly stepEvery?: number;
  readonly onStep?: (market: Market) => void;
}

function topOf(scores: Float64Array): number[] {
  return Array.from(scores.keys())
    .sort((a, b) => (scores[b] as number) - (scores[a] as number) || a - b)
    .slice(0, PAGE_SIZE);
}
