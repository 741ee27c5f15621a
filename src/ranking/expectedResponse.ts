import type { EpochMs } from '../core/time.js';
import type { BehaviourType } from '../core/vocabulary.js';
import { behavioursOf, type ProductState } from '../tags/productState.js';

/** What a click on a product is expected to lead to, each 0–1. */
export interface ResponseRates {
  /** Favourites, follows and shares. */
  readonly like: number;
  /** "Not interested", what is taken back, refunds. */
  readonly negativeFeedback: number;
  readonly purchase: number;
}

/** Browses that the prior counts for beside a product's own. */
const PRIOR_BROWSES = 30;
/** Rates of a product of which nothing is known: the order of what shops report, and only that. */
const PRIORS: ResponseRates = { like: 0.05, negativeFeedback: 0.01, purchase: 0.03 };

const LIKES: readonly BehaviourType[] = ['favourite', 'follow', 'share'];
const NEGATIVES: readonly BehaviourType[] = [
  'not_interested',
  'remove_from_cart',
  'remove_favourite',
  'refund',
];

/** Fading behaviours per browse, shrunk to the priors. */
export function responseRates(product: ProductState | undefined, nowMs: EpochMs): ResponseRates {
  if (product === undefined) return PRIORS;
  const count = (types: readonly BehaviourType[]) =>
    types.reduce((sum, type) => sum + behavioursOf(product, type, nowMs), 0);
  const browses = count(['browse']) + PRIOR_BROWSES;
  const rate = (types: readonly BehaviourType[], prior: number) =>
    Math.max(0, Math.min(1, (count(types) + PRIOR_BROWSES * prior) / browses));
  return {
    like: rate(LIKES, PRIORS.like),
    negativeFeedback: rate(NEGATIVES, PRIORS.negativeFeedback),
    purchase: rate(['purchase'], PRIORS.purchase),
  };
}
