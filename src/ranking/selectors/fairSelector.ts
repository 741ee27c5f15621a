import { logistic } from '../../core/odds.js';
import type { Fairness } from '../../fairness/fairnessInForce.js';
import { type BoostParts, boostParts, type PageBoosts } from '../../fairness/pageBoosts.js';
import { withinBudget } from '../../fairness/pageBudget.js';
import { tailOpenness } from '../../fairness/tailOpenness.js';
import type { Candidates } from '../candidates.js';
import { qualityOf } from '../quality.js';
import type { Query } from '../query.js';
import type { ServedFairness } from '../servedListStore.js';

/** A slot of a page by the place of its candidate. */
interface Slot {
  readonly place: number;
}

/** A page, the scores that it was chosen by, and what fairness did to it. */
export interface FairSelection<Chosen extends Slot> {
  readonly chosen: readonly Chosen[];
  /** Log-odds, boosts included. */
  readonly scores: Float64Array;
  /** What boosts added to scores, by place; absent where the page has none. */
  readonly boosts?: BoostParts;
  /** The page without boosts; the very same where there are none. */
  readonly unboosted: readonly Chosen[];
  /** For the record of the list; absent where fairness is off. */
  readonly served?: ServedFairness;
}

/**
 * Exposure fairness (R7): the page by scores with boosts, as far as its budget lets them; the page by scores alone
 * for who is held out, and where nothing is to be lifted. `select` chooses a page by scores, the same way
 * for both, so that the spread over shops and categories holds on either.
 */
export function selectFair<Chosen extends Slot>(
  query: Query,
  {
    fairness,
    personId,
    candidates,
    logOdds,
    scores,
    select,
    onFailed,
  }: {
    fairness: Fairness | undefined;
    /** One person is held out, or not, under all of their ids. */
    personId: string;
    candidates: Candidates;
    /** As scored, per candidate. */
    logOdds: Float32Array;
    /** As adjusted. */
    scores: Float64Array;
    select: (scores: Float64Array) => readonly Chosen[];
    /** Told why there are no boosts, when these fail: the page is then as without. */
    onFailed: (cause: unknown) => void;
  },
): FairSelection<Chosen> {
  const unboosted = select(scores);
  if (fairness === undefined) return { chosen: unboosted, unboosted, scores };
  const isHeldOut = fairness.isHeldOut(personId);
  const relevance = logOdds.map(logistic);
  let boosts: PageBoosts | undefined;
  try {
    if (!isHeldOut) boosts = boostsOf(query, { fairness, candidates, relevance });
  } catch (cause) {
    onFailed(cause);
  }
  if (boosts === undefined) {
    return { chosen: unboosted, unboosted, scores, served: { isHeldOut, lostRatio: 0 } };
  }
  const page = withinBudget({
    unboosted,
    boosted: (scale) => select(withParts(scores, boostParts(boosts, scale))),
    relevanceOf: ({ place }) => relevance[place] as number,
    budgetRatio: fairness.pageBudgetRatio,
  });
  const served: ServedFairness = { isHeldOut, boostScale: page.scale, lostRatio: page.lostRatio };
  if (page.scale === 0) return { chosen: unboosted, unboosted, scores, served };
  const parts = boostParts(boosts, page.scale);
  const shopOf = ({ place }: Slot) => query.state.catalog.shopIdOf(candidates.ordinals[place] as number);
  const isSame = page.slots.every(({ place }, i) => place === unboosted[i]?.place);
  return {
    chosen: page.slots,
    unboosted,
    scores: withParts(scores, parts),
    boosts: parts,
    served: isSame ? served : { ...served, unboostedShopIds: unboosted.map(shopOf) },
  };
}

/** What boosts added to the score of the candidate at `place`, by name; nothing where the page has none. */
export function boostsAt(
  { boosts }: Pick<FairSelection<Slot>, 'boosts'>,
  place: number,
): Record<string, number> {
  if (boosts === undefined) return {};
  return {
    fairness: boosts.fairness[place] as number,
    shopPrice: boosts.shopPrice[place] as number,
  };
}

function boostsOf(
  query: Query,
  {
    fairness,
    candidates: { ordinals },
    relevance,
  }: { fairness: Fairness; candidates: Candidates; relevance: Float32Array },
): PageBoosts | undefined {
  const { catalog } = query.state;
  const shops = new Int32Array(ordinals.length);
  for (let place = 0; place < shops.length; place++) shops[place] = catalog.shopAt(ordinals[place] as number);
  return fairness.boostsFor({
    shops,
    relevance,
    pageSize: query.request.pageSize,
    openness: opennessOf(query, fairness),
    mayBeLifted(place) {
      const ordinal = ordinals[place] as number;
      if (!catalog.inStockAt(ordinal)) return false;
      return qualityOf(query.state.productState(ordinal), query.nowMs) >= fairness.qualityGate;
    },
  });
}

/** By what the person did with products of the tail, against all that they did. */
function opennessOf({ products, state }: Query, fairness: Fairness): number {
  let [tailWeight, allWeight] = [0, 0];
  for (const [ordinal, { interest }] of products) {
    if (interest <= 0) continue;
    allWeight += interest;
    if (fairness.isTail(state.catalog.shopAt(ordinal))) tailWeight += interest;
  }
  return tailOpenness({ tailWeight, allWeight, naturalShareRatio: fairness.naturalShareRatio });
}

function withParts(scores: Float64Array, { fairness, shopPrice }: BoostParts): Float64Array {
  const boosted = new Float64Array(scores.length);
  for (let place = 0; place < boosted.length; place++) {
    boosted[place] = (scores[place] as number) + (fairness[place] as number) + (shopPrice[place] as number);
  }
  return boosted;
}
