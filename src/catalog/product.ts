import type { EpochMs } from '../core/time.js';

/** A product as the truth keeps it: checked, normalised, never partial. */
export interface Product {
  readonly productId: string;
  /** Absent when the product belongs to no shop. */
  readonly shopId?: string;
  /** Empty when unknown. */
  readonly title: string;
  /** Levels from the widest to the leaf, e.g. `['grocery', 'bread']`. Empty when unknown. */
  readonly categoryPath: readonly string[];
  readonly brand?: string;
  /** Names and values such as `{ fabric: 'cotton', age_band: '25-29' }`; numbers become text. */
  readonly attributes: Readonly<Record<string, string>>;
  /** Price in the smallest unit of `currency`; absent when unknown. */
  readonly priceMinor?: number;
  /** ISO 4217, upper case. */
  readonly currency?: string;
  readonly inStock: boolean;
  readonly createdAtMs?: EpochMs;
  /**
   * A paid bid per slot, from 0 (none) to 1 (the highest that the operator allows): one bounded
   * input among many (R11).
   */
  readonly bid: number;
}

/** A product together with the revision of its content; a behaviour is logged against one. */
export interface ProductRevision {
  readonly product: Product;
  /** 1 for the first content, one more for every change of it; equal content keeps its revision. */
  readonly revision: number;
}
