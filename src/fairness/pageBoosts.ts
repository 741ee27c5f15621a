import { positionWeight } from './positionWeight.js';

/** Candidates of one page, one value each. */
export interface PageCandidates {
  /** Shop ordinals, -1 for none. */
  readonly shops: Int32Array;
  /** What the scorer gave, before any adjustment; in (0, 1). */
  readonly relevance: Float32Array | Float64Array;
  readonly pageSize: number;
  /** Whether a candidate passes the gates of quality and stock: what does not is never lifted. */
  readonly mayBeLifted: (place: number) => boolean;
  /** See `tailOpenness`; of everybody alike when it is 1. */
  readonly openness: number;
}

/**
 * What each shop is worth to the loop, by shop ordinal; all in odds of a page's mean. What lies beyond an array is a
 * shop of the tail, at no price.
 */
export interface ShopTerms {
  /** 1 for the head. */
  readonly isHead: Uint8Array;
  /** What a slot costs it. */
  readonly price: Float32Array;
  /** What it is owed as a new shop. */
  readonly newShopLift: Float32Array;
  /** λ. */
  readonly boost: number;
}

/** What is added to the odds of each candidate, as a part of its own odds; at least 0. */
export interface PageBoosts {
  /** Lifts the tail and new shops. */
  readonly lift: Float64Array;
  /** What a shop pays that is shown beyond its merit. */
  readonly charge: Float64Array;
}

/**
 * The boosts of one page. Lifted is what belongs to the tail, passes its gates, and is at least
 * `relevanceFloorRatio` as relevant as the page's last by relevance; paid is by shop. Undefined when nothing
 * would change. One pass, nothing made per candidate.
 *
 * A boost adds to odds, in odds of the page's mean relevance, and does not multiply them: a place then costs about
 * the same relevance wherever it is won, so the cheapest are (the Lagrangian of "most relevance, the tail's share
 * given"), and the same boost means the same on a page of near certainties and of long shots.
 */
export function pageBoosts(
  { shops, relevance, pageSize, mayBeLifted, openness }: PageCandidates,
  terms: ShopTerms,
  relevanceFloorRatio: number,
): PageBoosts | undefined {
  const top = topRelevance(relevance, pageSize);
  const floor = relevanceFloorRatio * top.last;
  const meanOdds = oddsOf(top.mean);
  const lift = new Float64Array(shops.length);
  const charge = new Float64Array(shops.length);
  let changes = false;
  for (let place = 0; place < shops.length; place++) {
    const shop = shops[place] as number;
    if (shop < 0) continue;
    const own = relevance[place] as number;
    const price = terms.price[shop] ?? 0;
    if (price > 0) {
      charge[place] = (price * meanOdds) / oddsOf(own);
      changes = true;
    }
    const boost = openness * (terms.isHead[shop] === 1 ? 0 : terms.boost) + (terms.newShopLift[shop] ?? 0);
    if (boost > 0 && own >= floor && mayBeLifted(place)) {
      lift[place] = (boost * meanOdds) / oddsOf(own);
      changes = true;
    }
  }
  return changes ? { lift, charge } : undefined;
}

/** Parts of scores, in log-odds: at least 0 for what is lifted, at most 0 for what is charged. */
export interface BoostParts {
  readonly fairness: Float64Array;
  readonly shopPrice: Float64Array;
}

/** What boosts add to scores, when this much of them (0–1) is given. */
export function boostParts({ lift, charge }: PageBoosts, scale: number): BoostParts {
  const parts = { fairness: new Float64Array(lift.length), shopPrice: new Float64Array(lift.length) };
  for (let place = 0; place < lift.length; place++) {
    // Most candidates have neither.
    if (lift[place] !== 0) parts.fairness[place] = Math.log1p(scale * (lift[place] as number));
    if (charge[place] !== 0) parts.shopPrice[place] = -Math.log1p(scale * (charge[place] as number));
  }
  return parts;
}

/** Away from 0 and 1, where odds are not finite. */
const LEAST_CHANCE = 1e-6;

function oddsOf(chance: number): number {
  const within = Math.max(LEAST_CHANCE, Math.min(1 - LEAST_CHANCE, chance));
  return within / (1 - within);
}

/** A longer row is dearer to keep than everything to sort. */
const SHORT_ROW = 50;

/** The most relevant `count` candidates, or all: their mean as places weigh, and the last of them. */
export function topRelevance(
  relevance: Float32Array | Float64Array,
  count: number,
): { mean: number; last: number } {
  const top = largest(relevance, Math.min(count, relevance.length));
  let [sum, weights] = [0, 0];
  for (let i = 0; i < top.length; i++) {
    sum += positionWeight(i + 1) * (top[i] as number);
    weights += positionWeight(i + 1);
  }
  return { mean: weights > 0 ? sum / weights : 0, last: top[top.length - 1] ?? 0 };
}

/** The `count` largest values, falling; in one pass over a short sorted row where it is short. */
function largest(values: Float32Array | Float64Array, count: number): Float32Array | Float64Array {
  if (count > SHORT_ROW) return values.slice().sort().reverse().slice(0, count);
  const top = new Float64Array(count).fill(Number.NEGATIVE_INFINITY);
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    if (value <= (top[count - 1] as number)) continue;
    let at = count - 1;
    while (at > 0 && (top[at - 1] as number) < value) {
      top[at] = top[at - 1] as number;
      at--;
    }
    top[at] = value;
  }
  return top;
}
