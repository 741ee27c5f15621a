import type { Query } from '../query.js';
import { type Sequel, sequelLift } from '../sequelsOf.js';
import type { Feature } from './feature.js';

function sequel(name: string, value: (sequel: Sequel, query: Query, ordinal: number) => number): Feature {
  return {
    name,
    default: 0,
    needs: 'sequels',
    value(query, ordinal) {
      const found = query.sequels.get(ordinal);
      return found === undefined ? 0 : value(found, query, ordinal);
    },
  };
}

/** How often the product is taken after the latest products, over all of them (R12). */
export const afterSum = sequel('after_sum', ({ sum }) => sum);

/** The same for the one that it follows most. */
export const afterBest = sequel('after_best', ({ best }) => best);

/** How much more often than it is taken at all, damped. */
export const afterLift = sequel('after_lift', (found, query, ordinal) =>
  Math.log1p(sequelLift(found, { ...query, ordinal })),
);
