import { type Column, float64Column } from '../catalog/column.js';
import { NONE, Ordinals } from '../catalog/ordinals.js';
import type { EpochMs, HalfLifeMs } from '../core/time.js';
import { positionWeight } from './positionWeight.js';

/** A page as far as it counts for exposure. */
export interface ExposedPage {
  readonly atMs: EpochMs;
  /** From the first place. */
  readonly items: readonly { readonly productId: string; readonly shopId?: string | undefined }[];
  /** Shops of the page that relevance alone would have made, from the first place; absent when it was this one. */
  readonly unboostedShopIds?: readonly (string | undefined)[] | undefined;
  /** How much of the page's boosts its budget left, 0–1; absent where there was nothing to boost. */
  readonly boostScale?: number | undefined;
}

/** What one shop was given. */
export interface ShopExposure {
  readonly shopId: string;
  /** In first places, faded. */
  readonly served: number;
  /** What pages of relevance alone would have given it: what it wins by itself. */
  readonly natural: number;
}

/** Beyond so many half-lives the landmark moves, as in `core/decay.ts`. */
const SHIFT_AFTER_HALF_LIVES = 256;

const TOTALS = ['pages', 'places', 'boosted', 'delivered'] as const;

/**
 * Accumulated attention by shop and product: every place of every page by `positionWeight`, fading by
 * half every half-life. Forward decay against one landmark for all (`core/decay.ts` says why): to add is an
 * increment, pages may come in any order, shares need no clock, and two of the same half-life merge.
 */
export class Exposure {
  readonly halfLifeMs: HalfLifeMs;
  readonly #shops = new Ordinals();
  readonly #products = new Ordinals();
  readonly #served = float64Column(0);
  readonly #natural = float64Column(0);
  readonly #servedProduct = float64Column(0);
  /** Pages, their places with or without a shop, and pages that were to be boosted, by what was left of it. */
  readonly #totals = { pages: 0, places: 0, boosted: 0, delivered: 0 };
  #landmarkMs: EpochMs = Number.NaN;

  constructor(halfLifeMs: HalfLifeMs) {
    this.halfLifeMs = halfLifeMs;
  }

  /** Counts a page as served. */
  add(page: ExposedPage): void {
    const scale = this.#scaleAt(page.atMs);
    this.#addPlaces(page, scale);
    this.#totals.pages += scale;
    if (page.boostScale === undefined) return;
    this.#totals.boosted += scale;
    this.#totals.delivered += scale * page.boostScale;
  }

  /**
   * Counts places of a page as seen, which `add` counts as served, before or after. The first word of a page
   * takes the place of all that was served; later words add to it.
   */
  see(page: ExposedPage, { positions, isFirst }: { positions: readonly number[]; isFirst: boolean }): void {
    const scale = this.#scaleAt(page.atMs);
    if (isFirst) this.#addPlaces(page, -scale);
    this.#addPlaces(page, scale, new Set(positions));
  }

  /** Counts what the other counted as well. */
  merge(other: Exposure): void {
    if (other.halfLifeMs !== this.halfLifeMs) throw new RangeError('other half-lives cannot be merged');
    if (Number.isNaN(other.#landmarkMs)) return;
    const scale = this.#scaleAt(other.#landmarkMs);
    for (let ordinal = 0; ordinal < other.#shops.size; ordinal++) {
      const own = this.#shops.give(other.#shops.idOf(ordinal));
      increase(this.#served, own, scale * other.#served.get(ordinal));
      increase(this.#natural, own, scale * other.#natural.get(ordinal));
    }
    for (let ordinal = 0; ordinal < other.#products.size; ordinal++) {
      const own = this.#products.give(other.#products.idOf(ordinal));
      increase(this.#servedProduct, own, scale * other.#servedProduct.get(ordinal));
    }
    for (const total of TOTALS) this.#totals[total] += scale * other.#totals[total];
  }

  /** Pages counted, faded to `nowMs`. */
  pagesAt(nowMs: EpochMs): number {
    return this.#totals.pages * this.#leftAt(nowMs);
  }

  /** How much of the boosts their budgets left to pages, 0–1; 1 when none was boosted. */
  deliveredRatio(): number {
    const { boosted, delivered } = this.#totals;
    return boosted > 0 ? Math.max(0, Math.min(1, delivered / boosted)) : 1;
  }

  /** All places, with or without a shop, in first places. */
  totalAt(nowMs: EpochMs): number {
    return this.#totals.places * this.#leftAt(nowMs);
  }

  /** In first places; 0 for one that was never served. */
  ofShop(shopId: string, nowMs: EpochMs): number {
    const ordinal = this.#shops.of(shopId);
    return ordinal === NONE ? 0 : this.#served.get(ordinal) * this.#leftAt(nowMs);
  }

  ofProduct(productId: string, nowMs: EpochMs): number {
    const ordinal = this.#products.of(productId);
    return ordinal === NONE ? 0 : this.#servedProduct.get(ordinal) * this.#leftAt(nowMs);
  }

  /** Every shop that was served or would have been. */
  *shopsAt(nowMs: EpochMs): Generator<ShopExposure> {
    const left = this.#leftAt(nowMs);
    for (let ordinal = 0; ordinal < this.#shops.size; ordinal++) {
      yield {
        shopId: this.#shops.idOf(ordinal),
        // What was taken back again leaves a rounding error of either sign.
        served: Math.max(0, this.#served.get(ordinal) * left),
        natural: Math.max(0, this.#natural.get(ordinal) * left),
      };
    }
  }

  /** All places, or those (from 1) that were seen. */
  #addPlaces({ items, unboostedShopIds }: ExposedPage, scale: number, seen?: ReadonlySet<number>): void {
    for (const [i, { productId, shopId }] of items.entries()) {
      if (seen !== undefined && !seen.has(i + 1)) continue;
      const weight = scale * positionWeight(i + 1);
      this.#totals.places += weight;
      increase(this.#servedProduct, this.#products.give(productId), weight);
      if (shopId !== undefined) increase(this.#served, this.#shops.give(shopId), weight);
      const unboosted = unboostedShopIds === undefined ? shopId : unboostedShopIds[i];
      if (unboosted !== undefined) increase(this.#natural, this.#shops.give(unboosted), weight);
    }
  }

  #leftAt(nowMs: EpochMs): number {
    if (Number.isNaN(this.#landmarkMs)) return 0;
    return 2 ** Math.min(512, (this.#landmarkMs - nowMs) / this.halfLifeMs);
  }

  #scaleAt(atMs: EpochMs): number {
    // On a grid of whole half-lives, so that equal histories share their landmark.
    if (Number.isNaN(this.#landmarkMs)) {
      this.#landmarkMs = Math.floor(atMs / this.halfLifeMs) * this.halfLifeMs;
    }
    const halfLives = (atMs - this.#landmarkMs) / this.halfLifeMs;
    if (halfLives > SHIFT_AFTER_HALF_LIVES) this.#moveLandmark(Math.floor(halfLives));
    return 2 ** ((atMs - this.#landmarkMs) / this.halfLifeMs);
  }

  /** By whole half-lives: a multiplication by a power of two, which is exact. */
  #moveLandmark(halfLives: number): void {
    const left = 2 ** -halfLives;
    for (const column of [this.#served, this.#natural, this.#servedProduct]) {
      for (let ordinal = 0; ordinal < column.values.length; ordinal++) {
        column.set(ordinal, column.get(ordinal) * left);
      }
    }
    for (const total of TOTALS) this.#totals[total] *= left;
    this.#landmarkMs += halfLives * this.halfLifeMs;
  }
}

function increase(column: Column<Float64Array>, ordinal: number, by: number): void {
  column.set(ordinal, column.get(ordinal) + by);
}
