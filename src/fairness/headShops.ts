/** A shop and what it wins by itself. */
export interface ShopStanding {
  readonly shopId: string;
  readonly natural: number;
}

/** Most of exposure: who is outside wins next to nothing. */
const HEAD_EXPOSURE_RATIO = 0.95;
/** How far beyond the line a shop has to be before it changes sides. */
const BUFFER_RATIO = 0.2;

/**
 * The head: the smallest set of shops that holds 95 % of what shops win by themselves, at most
 * `headShopRatio` of all shops. All others, those that were never served among them, are the tail.
 *
 * By natural exposure, not by what was served: a shop that a boost lifts must not lose it for having been
 * lifted. With hysteresis, as stock indices are composed: who is in stays until clearly below the line, who is
 * out comes in when clearly above, and the places between are filled in order. Equal shops stand by id.
 */
export function headShops({
  standings,
  shopCount,
  before,
  headShopRatio,
}: {
  standings: readonly ShopStanding[];
  /** Shops in all, served or not. */
  shopCount: number;
  before: ReadonlySet<string>;
  headShopRatio: number;
}): Set<string> {
  const ranked = standings
    .filter(({ natural }) => natural > 0)
    .sort((a, b) => b.natural - a.natural || (a.shopId < b.shopId ? -1 : 1));
  const size = headSize(ranked, Math.floor(headShopRatio * Math.max(shopCount, ranked.length)));
  const surely = Math.floor(size * (1 - BUFFER_RATIO));
  const perhaps = Math.ceil(size * (1 + BUFFER_RATIO));
  const head = new Set(ranked.slice(0, surely).map(({ shopId }) => shopId));
  const between = ranked.slice(surely, perhaps);
  for (const wasIn of [true, false]) {
    for (const { shopId } of between) {
      if (head.size < size && before.has(shopId) === wasIn) head.add(shopId);
    }
  }
  return head;
}

function headSize(ranked: readonly ShopStanding[], most: number): number {
  const enough = HEAD_EXPOSURE_RATIO * ranked.reduce((sum, { natural }) => sum + natural, 0);
  let held = 0;
  let size = 0;
  for (const { natural } of ranked) {
    if (size >= most || held >= enough) break;
    held += natural;
    size += 1;
  }
  return size;
}
