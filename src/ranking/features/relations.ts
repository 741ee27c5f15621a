import type { Query, Related } from '../query.js';
import type { Feature } from './feature.js';

function related(name: string, value: (related: Related, query: Query) => number): Feature {
  return {
    name,
    default: 0,
    needs: 'relations',
    value(query, ordinal) {
      const found = query.related.get(ordinal);
      return found === undefined ? 0 : value(found, query);
    },
  };
}

/** Closeness to all recent products together, damped. */
export const relatedSum = related('related_sum', ({ sum }) => Math.log1p(10 * sum));

/** Closeness per recent product: comparable between long and short histories. */
export const relatedMean = related(
  'related_mean',
  ({ sum }, { recent }) => (10 * sum) / Math.max(1, recent.length),
);

export const relatedBest = related('related_best', ({ best }) => best);

/** Closeness to the product on whose page the list stands, or else to the last one acted on. */
export const relatedToLast = related('related_to_last', ({ toLast }) => toLast);

/** Share of the best related candidate's sum: comparable between catalogues. */
export const relatedShare = related('related_share', ({ sum }, { relatedTop }) => sum / relatedTop);
