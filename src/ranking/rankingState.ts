import type { Crowds } from '../behaviour/crowds.js';
import type { Relations } from '../behaviour/relations.js';
import type { RepeatOutlook } from '../behaviour/repurchase.js';
import type { Sequels } from '../behaviour/sequels.js';
import type { Visits } from '../behaviour/visits.js';
import type { CatalogIndex } from '../catalog/catalogIndex.js';
import type { EpochMs } from '../core/time.js';
import type { ProductState } from '../tags/productState.js';
import type { ShopState } from '../tags/shopState.js';

/**
 * What ranking reads of products and shops: in the process, by catalogue ordinal, without a round
 * trip. It may lag behind the truth by what is still being projected, and it is never written by
 * a request.
 */
export interface RankingState {
  readonly catalog: CatalogIndex;
  readonly relations: Relations;
  readonly sequels: Sequels;
  readonly visits: Visits;
  readonly crowds: Crowds;
  /** Undefined for a product that nobody acted on. */
  productState(ordinal: number): ProductState | undefined;
  shopState(shopOrdinal: number): ShopState | undefined;
  /** Weighted behaviour of all products together, fading as `POPULARITY_HALF_LIVES[2]`. */
  totalPopularity(nowMs: EpochMs): number;
  /** The product's, shrunk to its leaf category's, shrunk to everybody's. */
  repeatOutlook(ordinal: number): RepeatOutlook;
  /** How many behaviours have been applied: what was computed at an older number may be stale. */
  readonly version: number;
}
