import { behavioursOf, type ProductState } from '../tags/productState.js';

/** Ratings that the middle of the scale counts for beside a product's own. */
const PRIOR_RATINGS = 10;
const PRIOR_RATING = 4;

/** Mean rating shrunk to 4 stars, on 0 (one star) – 1 (five). */
export function ratingQuality(product: ProductState | undefined): number {
  const sum = (product?.ratingSum ?? 0) + PRIOR_RATINGS * PRIOR_RATING;
  const count = (product?.ratingCount ?? 0) + PRIOR_RATINGS;
  return (sum / count - 1) / 4;
}

/** Share of purchases that came back, shrunk to 2 %. */
export function refundRatio(product: ProductState | undefined, nowMs: number): number {
  if (product === undefined) return 0.02;
  const purchases = behavioursOf(product, 'purchase', nowMs);
  const refunds = behavioursOf(product, 'refund', nowMs);
  return Math.min(1, (refunds + 0.02 * 20) / (purchases + 20));
}

/** Quality and reputation of a product (R6), 0–1: its ratings, less what came back. */
export function qualityOf(product: ProductState | undefined, nowMs: number): number {
  return Math.max(0, ratingQuality(product) - refundRatio(product, nowMs));
}
