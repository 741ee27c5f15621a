/** Candidates of one page, one value each. */
export interface PageCandidates {
  /** Shop ordinals, -1 for none. */
  readonly shops: Int32Array;
  /** What the scorer gave, before any adjustment. */
  readonly relevance: Float32Array | Float64Array;
  readonly pageSize: number;
  /** Whether a candidate passes the gates of quality and stock: what does not is never lifted. */
  readonly mayBeLifted: (place: number) => boolean;
  /** See `tailOpenness`; of everybody alike when it is 1. */
  readonly openness: number;
}

/** What each shop is worth to the loop, by shop ordinal. What lies beyond an array is a shop of the tail, at no price. */
export interface ShopTerms {
  /** 1 for the head. */
  readonly isHead: Uint8Array;
  /** What a slot costs it, log-odds. */
  readonly price: Float32Array;
  /** What it is owed as a new shop, log-odds. */
  readonly newShopLift: Float32Array;
  /** λ. */
  readonly boost: number;
}

/** Parts of the score, in log-odds, one a candidate. */
export interface PageBoosts {
  /** At least 0: lifts the tail and new shops. */
  readonly fairness: Float64Array;
  /** At most 0: what a shop pays that is shown beyond its merit. */
  readonly shopPrice: Float64Array;
}

/**
 * The boosts of one page. Lifted is what belongs to the tail, passes its gates, and is at least
 * `relevanceFloorRatio` as relevant as the page's last by relevance; paid is by shop. Undefined when nothing
 * would change. One pass, nothing made per candidate.
 */
export function pageBoosts(
  { shops, relevance, pageSize, mayBeLifted, openness }: PageCandidates,
  terms: ShopTerms,
  relevanceFloorRatio: number,
): PageBoosts | undefined {
  const floor = relevanceFloorRatio * kthLargest(relevance, pageSize);
  const fairness = new Float64Array(shops.length);
  const shopPrice = new Float64Array(shops.length);
  let changes = false;
  for (let place = 0; place < shops.length; place++) {
    const shop = shops[place] as number;
    if (shop < 0) continue;
    const price = terms.price[shop] ?? 0;
    if (price > 0) {
      shopPrice[place] = -price;
      changes = true;
    }
    const lift = openness * (terms.isHead[shop] === 1 ? 0 : terms.boost) + (terms.newShopLift[shop] ?? 0);
    if (lift > 0 && (relevance[place] as number) >= floor && mayBeLifted(place)) {
      fairness[place] = lift;
      changes = true;
    }
  }
  return changes ? { fairness, shopPrice } : undefined;
}

/** A longer row is dearer to keep than everything to sort. */
const SHORT_ROW = 50;

/** The `k`-th largest value, the smallest when there are fewer; in one pass over a short sorted row. */
export function kthLargest(values: Float32Array | Float64Array, k: number): number {
  const count = Math.min(k, values.length);
  if (count > SHORT_ROW) return values.slice().sort()[values.length - count] as number;
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
  return count === 0 ? Number.NEGATIVE_INFINITY : (top[count - 1] as number);
}
