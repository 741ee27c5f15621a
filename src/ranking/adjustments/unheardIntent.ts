import { SHORT_TERM_HALF_LIFE } from '../../behaviour/weights.js';
import { decayFactor } from '../../core/decay.js';
import { BEHAVIOUR_TYPES, type BehaviourType } from '../../core/vocabulary.js';
import { type FadingCount, fadingWeight } from '../../tags/fadingCount.js';
import { isSettled } from '../../tags/overriddenVector.js';
import type { UserState } from '../../tags/userState.js';
import { longTermVector } from '../../tags/userVectors.js';
import { ownFavourite, ownInCart, ownInterest, shopAffinityFeature } from '../features/ownHistory.js';
import { byTagOrdinal, type OwnProduct, type OwnShop, type Query } from '../query.js';
import { HAND_SET_COEFFICIENTS } from '../scorers/handSetScorer.js';

/** What a person turned to lately by kinds of behaviour of which the model learned nothing. */
export interface UnheardIntent {
  /** The query as if the person had done only that. */
  readonly query: Query;
  /** How much of it lies on each tag, by tag ordinal; together 1 at most. */
  readonly tagShares: ReadonlyMap<number, number>;
  /** How much of it there is, 0–1; fades within days (T6). */
  readonly strength: number;
}

/** By these people say what they are after, before they choose it. */
const SAYS_INTENT: readonly BehaviourType[] = [
  'add_to_cart',
  'favourite',
  'inquiry',
  'follow',
  'share',
  'search',
  'browse',
];
const TAKES_BACK: readonly BehaviourType[] = ['remove_from_cart', 'remove_favourite', 'not_interested'];

/**
 * A model fitted to purchases alone takes a full cart for noise: no tree of it ever split on one. So
 * what the model could not hear is kept apart here, for the adjustment `intent`. Undefined when there is
 * nothing of the kind: the model was fitted to all that this person did, or does not say to what.
 */
export function unheardIntent(
  query: Query,
  { user, fittedTo }: { user: UserState | undefined; fittedTo: readonly BehaviourType[] | undefined },
): UnheardIntent | undefined {
  if (user === undefined || fittedTo === undefined) return undefined;
  const unheard = SAYS_INTENT.filter((type) => !fittedTo.includes(type));
  if (unheard.length === 0) return undefined;
  const live = liveReading(unheard, query);

  const products = new Map<number, OwnProduct>();
  for (const [ordinal, { history }] of query.products) {
    if (!live.isIn(history.byType)) continue;
    const byType = without(history.byType, fittedTo);
    products.set(ordinal, { history: { ...history, byType }, interest: live.weightOf(history.byType) });
  }
  const shops = new Map<number, OwnShop>();
  for (const [ordinal, { history }] of query.shops) {
    // To look at a kettle is to want a kettle, not all that its shop sells; to follow the shop is.
    const followed = only(history.byType, unheard.includes('follow') ? ['follow'] : []);
    if (followed.size === 0) continue;
    const weight = live.weightOf(followed);
    shops.set(ordinal, { history, affinity: weight / (weight + 2 * query.weights.purchase.weight) });
  }
  const tags = new Map<string, Map<BehaviourType, FadingCount>>();
  let heaviest = 0;
  for (const [tag, byType] of user.longTerm) {
    if (!live.isIn(byType) || isSettled(query.overrides, tag)) continue;
    tags.set(tag, only(byType, unheard));
    heaviest = Math.max(heaviest, live.weightOf(byType));
  }
  if (products.size === 0 && shops.size === 0 && tags.size === 0) return undefined;
  return {
    query: { ...query, products, shops },
    tagShares: sharesOf({ ...user, longTerm: tags }, query),
    strength: heaviest / (heaviest + HALF_STRENGTH),
  };
}

/** Weight of the heaviest tag at which the intent is half as strong as can be: about one search. */
const HALF_STRENGTH = 0.3;

/** Most of what relevance lacks of 1 that intent may add. */
export const MOST_BY_INTENT = 0.7;
/** Of a product that carries every tag of the strongest intent; the other terms are the hand-set scorer's. */
const TAG_COEFFICIENT = 1.2;
const OWN_TERMS = [ownInterest, ownInCart, ownFavourite, shopAffinityFeature];

/**
 * The chance that live intent alone makes the person take a product (R2), 0 to `MOST_BY_INTENT`. Measured in
 * `docs/decisions/0014-intent-that-the-model-never-saw.md`.
 */
export function intentChance(intent: UnheardIntent, ordinal: number): number {
  let sum = TAG_COEFFICIENT * intent.strength * tagShare(intent, ordinal);
  for (const feature of OWN_TERMS) {
    sum += (HAND_SET_COEFFICIENTS[feature.name] ?? 0) * feature.value(intent.query, ordinal);
  }
  return MOST_BY_INTENT * (1 - Math.exp(-Math.max(0, sum)));
}

function tagShare({ query, tagShares }: UnheardIntent, ordinal: number): number {
  let share = 0;
  for (const tag of query.state.catalog.tagsAt(ordinal).tags) share += tagShares.get(tag) ?? 0;
  return share;
}

/** Squares of a vector of length 1: shares of a whole. */
function sharesOf(user: UserState, { nowMs, weights, state }: Query): Map<number, number> {
  const vector = longTermVector(user, { nowMs, weights, idf: (tag) => state.catalog.idfOf(tag) });
  const shares = new Map<number, number>();
  for (const [tag, weight] of byTagOrdinal(vector, state)) if (weight > 0) shares.set(tag, weight * weight);
  return shares;
}

/** Reads what certain types left, fading as short-term intent does on top of their own half-lives. */
function liveReading(types: readonly BehaviourType[], { nowMs, weights }: Query) {
  const counted = [...types, ...TAKES_BACK];
  return {
    isIn: (byType: ReadonlyMap<BehaviourType, FadingCount>) => types.some((type) => byType.has(type)),
    weightOf(byType: ReadonlyMap<BehaviourType, FadingCount>): number {
      let total = 0;
      for (const [type, count] of only(byType, counted)) {
        const freshness = decayFactor(Math.max(0, nowMs - count.lastAtMs), SHORT_TERM_HALF_LIFE);
        total += fadingWeight(count, nowMs, weights[type].halfLifeMs) * freshness;
      }
      return total;
    },
  };
}

function only(byType: ReadonlyMap<BehaviourType, FadingCount>, types: readonly BehaviourType[]) {
  return new Map([...byType].filter(([type]) => types.includes(type)));
}

/** What takes back or answers an intent stays: it closes a cart whoever heard it. */
function without(byType: ReadonlyMap<BehaviourType, FadingCount>, heard: readonly BehaviourType[]) {
  return only(
    byType,
    BEHAVIOUR_TYPES.filter((type) => !SAYS_INTENT.includes(type) || !heard.includes(type)),
  );
}
