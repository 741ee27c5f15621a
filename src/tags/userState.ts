import type { LoggedBehaviour } from '../behaviour/behaviour.js';
import {
  type CountingState,
  countBehaviour,
  emptyCounting,
  ownWeight,
  utcDay,
  type WeightDelta,
} from '../behaviour/counting.js';
import { type BehaviourWeights, SHORT_TERM_HALF_LIFE } from '../behaviour/weights.js';
import type { IntrinsicTag } from '../catalog/intrinsicTags.js';
import { addDecayed, type DecayedSum, emptySum } from '../core/decay.js';
import type { EpochMs } from '../core/time.js';
import type { BehaviourType } from '../core/vocabulary.js';
import { addWeight, countAt, type FadingCount, noteSeen } from './fadingCount.js';
import { addChoice, emptySpending, type SpendingState } from './spending.js';

/** Everything that behaviours have taught about one person; a function of their set, not their order. */
export interface UserState {
  readonly userId: string;
  /** Long-term taste: what each type of behaviour left on each tag (T6). */
  readonly longTerm: Map<string, Map<BehaviourType, FadingCount>>;
  /** Short-term intent: one sum a tag, fading within days (T6). */
  readonly shortTerm: Map<string, DecayedSum>;
  readonly products: Map<string, ProductHistory>;
  /** The products last acted on in a positive way, latest first, at most `RECENT_KEPT`. */
  readonly recent: RecentBehaviour[];
  readonly shops: Map<string, ShopHistory>;
  readonly spending: SpendingState;
  readonly counting: CountingState;
}

/** What a person did with one product. */
export interface ProductHistory {
  readonly byType: Map<BehaviourType, FadingCount>;
  firstAtMs: EpochMs;
  lastAtMs: EpochMs;
  /** UTC days with a purchase, in order, each once. */
  readonly purchaseDays: number[];
}

export interface RecentBehaviour {
  readonly productId: string;
  atMs: EpochMs;
}

export const RECENT_KEPT = 60;

/** What a person did at one shop, its products included. */
export interface ShopHistory {
  readonly byType: Map<BehaviourType, FadingCount>;
  readonly purchaseDays: number[];
}

/** What a product was when a behaviour was logged against it. */
export interface ProductFacts {
  readonly tags: readonly IntrinsicTag[];
  readonly leafCategory: string | undefined;
}

/** What the fold needs to look up; constant for one log row. */
export interface FactsAtLogging {
  productFacts(productId: string, revision: number): ProductFacts;
  queryTags(query: string): readonly IntrinsicTag[];
}

/** What one behaviour changed, for the product and shop side of the projection. */
export interface UserChange {
  readonly deltas: readonly WeightDelta[];
  /** This product's purchase days before and after, when the behaviour added a day. */
  readonly productDays?: { readonly before: readonly number[]; readonly after: readonly number[] };
  readonly shopDays?: { readonly before: number; readonly after: number };
}

export function emptyUserState(userId: string): UserState {
  return {
    userId,
    longTerm: new Map(),
    shortTerm: new Map(),
    products: new Map(),
    recent: [],
    shops: new Map(),
    spending: emptySpending(),
    counting: emptyCounting(),
  };
}

/** Folds one logged behaviour into `state`, in place. */
export function applyToUser(
  state: UserState,
  logged: LoggedBehaviour,
  { weights, facts }: { weights: BehaviourWeights; facts: FactsAtLogging },
): UserChange {
  const { type, productId, occurredAtMs } = logged.behaviour;
  const { shopId } = logged.context;
  for (const tag of tagsOf(logged, facts)) noteSeen(tagCount(state, tag.tag, type), occurredAtMs);
  let productDays: UserChange['productDays'];
  if (productId !== undefined) {
    const history = productHistory(state, productId);
    noteSeen(countAt(history.byType, type), occurredAtMs);
    history.firstAtMs = Math.min(history.firstAtMs, occurredAtMs);
    history.lastAtMs = Math.max(history.lastAtMs, occurredAtMs);
    if (ownWeight(logged.behaviour, weights) > 0) noteRecent(state.recent, productId, occurredAtMs);
    if (type === 'purchase') productDays = addDay(history.purchaseDays, utcDay(occurredAtMs));
  }
  let shopDays: UserChange['shopDays'];
  if (shopId !== undefined) {
    const history = shopHistory(state, shopId);
    noteSeen(countAt(history.byType, type), occurredAtMs);
    if (type === 'purchase') {
      const before = history.purchaseDays.length;
      if (addDay(history.purchaseDays, utcDay(occurredAtMs))) shopDays = { before, after: before + 1 };
    }
  }
  const deltas = countBehaviour(state.counting, logged, weights);
  for (const delta of deltas) applyDelta(state, delta, { weights, facts });
  return { deltas, productDays, shopDays };
}

function applyDelta(
  state: UserState,
  { of, weight }: WeightDelta,
  { weights, facts }: { weights: BehaviourWeights; facts: FactsAtLogging },
): void {
  const { type, productId, occurredAtMs: atMs } = of.behaviour;
  const { shopId, pricePercentile } = of.context;
  const { halfLifeMs } = weights[type];
  for (const tag of tagsOf(of, facts)) {
    addWeight(tagCount(state, tag.tag, type), { weight: weight * tag.weight, atMs, halfLifeMs });
    let intent = state.shortTerm.get(tag.tag);
    if (intent === undefined) {
      intent = emptySum();
      state.shortTerm.set(tag.tag, intent);
    }
    addDecayed(intent, weight * tag.weight, atMs, SHORT_TERM_HALF_LIFE);
  }
  if (shopId !== undefined) {
    addWeight(countAt(shopHistory(state, shopId).byType, type), { weight, atMs, halfLifeMs });
  }
  if (productId === undefined) return;
  addWeight(countAt(productHistory(state, productId).byType, type), { weight, atMs, halfLifeMs });
  // What is reviewed was chosen before: stars are no second choice of its price.
  if (pricePercentile !== undefined && weights[type].weight > 0 && type !== 'review') {
    const category = facts.productFacts(productId, of.context.productRevision).leafCategory;
    addChoice(state.spending, { category, percentile: pricePercentile, weight, atMs });
  }
}

/** What a behaviour speaks of: the tags of its product as it was then, or of what was searched. */
export function tagsOf(
  { behaviour, context }: LoggedBehaviour,
  facts: FactsAtLogging,
): readonly IntrinsicTag[] {
  if (behaviour.productId !== undefined) {
    return facts.productFacts(behaviour.productId, context.productRevision).tags;
  }
  return behaviour.query === undefined ? [] : facts.queryTags(behaviour.query);
}

function tagCount(state: UserState, tag: string, type: BehaviourType): FadingCount {
  let byType = state.longTerm.get(tag);
  if (byType === undefined) {
    byType = new Map();
    state.longTerm.set(tag, byType);
  }
  return countAt(byType, type);
}

function productHistory(state: UserState, productId: string): ProductHistory {
  let history = state.products.get(productId);
  if (history === undefined) {
    history = {
      byType: new Map(),
      firstAtMs: Number.POSITIVE_INFINITY,
      lastAtMs: Number.NEGATIVE_INFINITY,
      purchaseDays: [],
    };
    state.products.set(productId, history);
  }
  return history;
}

function shopHistory(state: UserState, shopId: string): ShopHistory {
  let history = state.shops.get(shopId);
  if (history === undefined) {
    history = { byType: new Map(), purchaseDays: [] };
    state.shops.set(shopId, history);
  }
  return history;
}

/** Keeps the latest time of each product, latest first: a function of the set, not of its order. */
function noteRecent(recent: RecentBehaviour[], productId: string, atMs: EpochMs): void {
  const known = recent.findIndex((entry) => entry.productId === productId);
  if (known !== -1) {
    if ((recent[known] as RecentBehaviour).atMs >= atMs) return;
    recent.splice(known, 1);
  }
  let at = 0;
  while (at < recent.length && isBefore(recent[at] as RecentBehaviour, { productId, atMs })) at++;
  recent.splice(at, 0, { productId, atMs });
  if (recent.length > RECENT_KEPT) recent.pop();
}

function isBefore(a: RecentBehaviour, b: RecentBehaviour): boolean {
  return a.atMs > b.atMs || (a.atMs === b.atMs && a.productId < b.productId);
}

/** Keeps `days` sorted; answers what it was and is, or undefined when the day was there. */
function addDay(days: number[], day: number): UserChange['productDays'] {
  let at = days.length;
  while (at > 0 && (days[at - 1] as number) > day) at--;
  if (at > 0 && days[at - 1] === day) return undefined;
  const before = [...days];
  days.splice(at, 0, day);
  return { before, after: days };
}
