import type { Crowd } from '../behaviour/crowds.js';
import { crowdNames } from '../behaviour/crowds.js';
import { forEachNeighbour } from '../behaviour/relations.js';
import { visitVotes } from '../behaviour/visitVotes.js';
import type { BehaviourWeights } from '../behaviour/weights.js';
import { NONE } from '../catalog/ordinals.js';
import type { EpochMs } from '../core/time.js';
import type { Traits } from '../core/traits.js';
import { popularityAt } from '../tags/productState.js';
import { emptySpending, type SpendingState } from '../tags/spending.js';
import type { OverridesByTag } from '../tags/tagOverride.js';
import type { ProductHistory, ShopHistory, UserState } from '../tags/userState.js';
import { longTermVector, shopAffinity, shortTermVector, totalWeight } from '../tags/userVectors.js';
import { type Lately, latelyBy } from './lately.js';
import type { PopularityBoards } from './popularityBoards.js';
import type { RankingState } from './rankingState.js';
import type { RankRequest } from './rankRequest.js';
import { type Sequel, sequelsOf } from './sequelsOf.js';
import { placed, type Vote } from './votes.js';

/** A rank request with everything about the person that later stages read. */
export interface Query {
  readonly request: RankRequest;
  readonly nowMs: EpochMs;
  readonly state: RankingState;
  readonly weights: BehaviourWeights;
  readonly traits: Traits;
  readonly crowds: readonly { readonly name: string; readonly crowd: Crowd }[];
  /** What an operator said of the person's tags; the vectors are read by it already. */
  readonly overrides: OverridesByTag | undefined;
  /** By tag ordinal; length 1 over all tags kept. */
  readonly longTerm: ReadonlyMap<number, number>;
  readonly shortTerm: ReadonlyMap<number, number>;
  /** Weights of categories in the same vectors, by category ordinal. */
  readonly longTermCategories: ReadonlyMap<number, number>;
  readonly shortTermCategories: ReadonlyMap<number, number>;
  readonly products: ReadonlyMap<number, OwnProduct>;
  readonly shops: ReadonlyMap<number, OwnShop>;
  /** Products acted on last, latest first, with how much each counts (0–1). */
  readonly recent: readonly { readonly ordinal: number; readonly weight: number; readonly atMs: EpochMs }[];
  /** Product ordinal → index in `recent`. */
  readonly recentPlaces: ReadonlyMap<number, number>;
  readonly related: ReadonlyMap<number, Related>;
  /** The largest `sum` in `related`; 1 when it is empty. */
  readonly relatedTop: number;
  /** What follows the latest products (R12). */
  readonly sequels: ReadonlyMap<number, Sequel>;
  /** What the visits most like the latest one hold (R2), highest first. */
  readonly votes: ReadonlyMap<number, Vote>;
  /** How lately the person turned to leaf categories and to shops, by their ordinals. */
  readonly latelyInCategory: ReadonlyMap<number, Lately>;
  readonly latelyInShop: ReadonlyMap<number, Lately>;
  /** Popularity of the most popular product, per entry of `POPULARITY_HALF_LIVES`. */
  readonly popularityTops: readonly number[];
  /** Popularity of all products together over the last month or so. */
  readonly totalPopularity: number;
  readonly spending: SpendingState;
  /** The request's `excludeProductIds`. */
  readonly excludedIds: ReadonlySet<string>;
  /** The product that the list stands beside, if any. */
  readonly contextOrdinal: number | undefined;
  /** Whether anything was known of the person's behaviour. */
  readonly isCold: boolean;
}

export interface OwnProduct {
  readonly history: ProductHistory;
  /** Fading weight of all behaviours; below 0 when taken back or disliked. */
  readonly interest: number;
}

export interface OwnShop {
  readonly history: ShopHistory;
  /** 0–1, see `shopAffinity`. */
  readonly affinity: number;
}

/** How a product relates to what the person did lately. */
export interface Related {
  /** Sum of closeness to recent products, the latest counting most. */
  sum: number;
  /** The largest part of the sum, and the recent product that it came from. */
  best: number;
  via: number;
  /** Closeness to the very last product. */
  toLast: number;
}

/** Each recent product counts this much of the one after it. */
const RECENT_FADE = 0.93;
/** Recent products whose neighbours are looked at. */
const RECENT_USED = 40;

const POPULARITIES: readonly (0 | 1 | 2 | 3)[] = [0, 1, 2, 3];

/** Hydrates a request. `user` is undefined for somebody new, or when their state could not be read. */
export function hydrateQuery({
  request,
  user,
  traits,
  overrides,
  state,
  boards,
  weights,
  nowMs,
}: {
  request: RankRequest;
  user: UserState | undefined;
  traits: Traits;
  overrides?: OverridesByTag | undefined;
  state: RankingState;
  boards: PopularityBoards;
  weights: BehaviourWeights;
  nowMs: EpochMs;
}): Query {
  const { catalog } = state;
  const recent = user === undefined ? [] : recentProducts(user, state);
  const contextOrdinal = known(
    request.contextProductId === undefined ? NONE : catalog.products.of(request.contextProductId),
  );
  const vectorReading = { nowMs, weights, idf: (tag: string) => state.catalog.idfOf(tag), overrides };
  const longTerm = longTermVector(user, vectorReading);
  const shortTerm = user === undefined ? new Map<string, number>() : shortTermVector(user, vectorReading);
  const latest = withContext(recent, contextOrdinal, nowMs);
  const related = relatedTo(latest, state, nowMs);
  return {
    request,
    nowMs,
    state,
    weights,
    traits,
    crowds: crowdNames(traits).flatMap((name) => {
      const crowd = state.crowds.get(name);
      return crowd === undefined ? [] : [{ name, crowd }];
    }),
    overrides,
    longTerm: byTagOrdinal(longTerm, state),
    shortTerm: byTagOrdinal(shortTerm, state),
    longTermCategories: byCategory(longTerm, state),
    shortTermCategories: byCategory(shortTerm, state),
    products: ownProducts(user, { state, weights, nowMs }),
    shops: ownShops(user, { state, weights, nowMs }),
    recent,
    recentPlaces: new Map(recent.map(({ ordinal }, place) => [ordinal, place])),
    related,
    relatedTop: Math.max(...[...related.values()].map(({ sum }) => sum), 1e-9),
    sequels: sequelsOf(latest, state, nowMs),
    votes: placed(
      visitVotes(
        state.visits,
        latest.map(({ ordinal }) => ordinal),
      ),
    ),
    latelyInCategory: latelyBy(latest, (ordinal) => catalog.leafCategoryAt(ordinal)),
    latelyInShop: latelyBy(latest, (ordinal) => catalog.shopAt(ordinal)),
    popularityTops: POPULARITIES.map((popularity) => topPopularity(boards, popularity, state, nowMs)),
    spending: user?.spending ?? emptySpending(),
    totalPopularity: state.totalPopularity(nowMs),
    excludedIds: new Set(request.excludeProductIds),
    contextOrdinal,
    isCold: user === undefined || recent.length === 0,
  };
}

/** A vector of tags by tag ordinal; tags that no product carries are left out. */
export function byTagOrdinal(vector: ReadonlyMap<string, number>, state: RankingState): Map<number, number> {
  const result = new Map<number, number>();
  for (const [tag, weight] of vector) {
    const ordinal = state.catalog.tags.of(tag);
    if (ordinal !== NONE) result.set(ordinal, weight);
  }
  return result;
}

/** Weights of category tags, by category ordinal. */
function byCategory(vector: ReadonlyMap<string, number>, state: RankingState): Map<number, number> {
  const result = new Map<number, number>();
  for (const [tag, weight] of vector) {
    if (!tag.startsWith(CATEGORY_TAG)) continue;
    const category = state.catalog.categories.of(tag.slice(CATEGORY_TAG.length));
    if (category !== NONE) result.set(category, weight);
  }
  return result;
}

const CATEGORY_TAG = 'category:';

function known(ordinal: number): number | undefined {
  return ordinal === NONE ? undefined : ordinal;
}

/** As of now: the board may have been made a while ago. 1 in an empty shop. */
function topPopularity(
  boards: PopularityBoards,
  popularity: 0 | 1 | 2 | 3,
  state: RankingState,
  nowMs: EpochMs,
): number {
  const top = boards.ofAll(popularity, nowMs).ordinals[0];
  const product = top === undefined ? undefined : state.productState(top);
  return product === undefined ? 1 : popularityAt(product, popularity, nowMs);
}

interface Deps {
  readonly state: RankingState;
  readonly weights: BehaviourWeights;
  readonly nowMs: EpochMs;
}

function ownProducts(user: UserState | undefined, deps: Deps): Map<number, OwnProduct> {
  const own = new Map<number, OwnProduct>();
  for (const [productId, history] of user?.products ?? []) {
    const ordinal = deps.state.catalog.products.of(productId);
    if (ordinal !== NONE) own.set(ordinal, { history, interest: totalWeight(history.byType, deps) });
  }
  return own;
}

function ownShops(user: UserState | undefined, deps: Deps): Map<number, OwnShop> {
  const own = new Map<number, OwnShop>();
  for (const [shopId, history] of user?.shops ?? []) {
    const ordinal = deps.state.catalog.shops.of(shopId);
    if (ordinal !== NONE) own.set(ordinal, { history, affinity: shopAffinity(history.byType, deps) });
  }
  return own;
}

function recentProducts(user: UserState, state: RankingState): Query['recent'] {
  const recent: { ordinal: number; weight: number; atMs: EpochMs }[] = [];
  for (const { productId, atMs } of user.recent.slice(0, RECENT_USED)) {
    const ordinal = state.catalog.products.of(productId);
    if (ordinal !== NONE) recent.push({ ordinal, weight: RECENT_FADE ** recent.length, atMs });
  }
  return recent;
}

/** The product on whose page the list stands counts as the latest thing looked at. */
function withContext(recent: Query['recent'], context: number | undefined, nowMs: EpochMs): Query['recent'] {
  if (context === undefined) return recent;
  return [
    { ordinal: context, weight: 1, atMs: nowMs },
    ...recent.filter(({ ordinal }) => ordinal !== context),
  ];
}

function relatedTo(recent: Query['recent'], state: RankingState, nowMs: EpochMs): Map<number, Related> {
  const related = new Map<number, Related>();
  for (const [position, { ordinal: via, weight }] of recent.entries()) {
    forEachNeighbour(state.relations, via, nowMs, (neighbour, closeness) => {
      const part = closeness * weight;
      const found = related.get(neighbour);
      if (found === undefined) {
        related.set(neighbour, { sum: part, best: part, via, toLast: position === 0 ? closeness : 0 });
        return;
      }
      found.sum += part;
      if (part > found.best) {
        found.best = part;
        found.via = via;
      }
    });
  }
  return related;
}
