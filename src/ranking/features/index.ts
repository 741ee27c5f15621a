import { createHash } from 'node:crypto';
import type { Candidates } from '../candidates.js';
import type { Query } from '../query.js';
import { productAge } from './catalogue.js';
import { crowdLift, crowdShare } from './crowds.js';
import type { Feature } from './feature.js';
import { categoryHours, categoryPlace, categoryShare, shopPlace, shopShare } from './lately.js';
import { categoryIntent, categoryTaste, longTermMatch, shortTermMatch } from './match.js';
import {
  historySize,
  hoursSinceSeen,
  ownBehaviours,
  ownCadence,
  ownFavourite,
  ownHoursSince,
  ownInCart,
  ownInterest,
  ownPurchaseDays,
  ownPurchaseRate,
  ownRecentRank,
  shopAffinityFeature,
  shopOrders,
} from './ownHistory.js';
import {
  popularityAllTime,
  popularityDay,
  popularityMonth,
  popularityQuarter,
  popularityWeek,
  trend,
} from './popularity.js';
import { priceFitFeature, pricePercentile } from './price.js';
import { conversion, rating, ratingCount, refunds } from './quality.js';
import { relatedBest, relatedMean, relatedShare, relatedSum, relatedToLast } from './relations.js';
import { repeatDue, repeatShare } from './repeats.js';
import { afterBest, afterLift, afterSum } from './sequels.js';
import { visitRank, visitScore, visitShare } from './visits.js';

/** Every feature, in the order of the model's columns. Add at the end; a change needs a new model. */
export const FEATURES: readonly Feature[] = [
  ownInterest,
  ownHoursSince,
  ownBehaviours,
  ownPurchaseDays,
  ownPurchaseRate,
  ownCadence,
  ownInCart,
  ownFavourite,
  ownRecentRank,
  shopAffinityFeature,
  shopOrders,
  historySize,
  hoursSinceSeen,
  longTermMatch,
  shortTermMatch,
  categoryTaste,
  categoryIntent,
  relatedSum,
  relatedMean,
  relatedBest,
  relatedToLast,
  relatedShare,
  popularityDay,
  popularityWeek,
  popularityMonth,
  popularityQuarter,
  popularityAllTime,
  trend,
  crowdLift,
  crowdShare,
  priceFitFeature,
  pricePercentile,
  rating,
  ratingCount,
  refunds,
  conversion,
  repeatShare,
  repeatDue,
  productAge,
  visitScore,
  visitShare,
  visitRank,
  afterSum,
  afterBest,
  afterLift,
  categoryPlace,
  categoryHours,
  categoryShare,
  shopPlace,
  shopShare,
];

/** Names the features, their order and their defaults: a model fits exactly one of these. */
export function featureSchemaHash(features: readonly Feature[] = FEATURES): string {
  const schema = features.map(({ name, default: fallback }) => `${name}:${fallback}`).join('\n');
  return createHash('sha256').update(schema).digest('hex');
}

/**
 * One row a candidate, in order, `FEATURES.length` numbers each. Features that need `without` have their
 * defaults.
 */
export function featureMatrix(
  query: Query,
  candidates: Candidates,
  without?: Feature['needs'],
): Float32Array {
  const matrix = new Float32Array(candidates.ordinals.length * FEATURES.length);
  let at = 0;
  for (const ordinal of candidates.ordinals) {
    for (const feature of FEATURES) {
      const value = feature.needs === without ? feature.default : feature.value(query, ordinal);
      matrix[at++] = Number.isFinite(value) ? value : feature.default;
    }
  }
  return matrix;
}
