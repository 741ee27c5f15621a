import { sequelLift } from '../sequelsOf.js';
import { largest, type Source } from './source.js';

const PROPOSED = 60;

/**
 * What is taken after the latest products (R12): often, and more often than it is taken at all, or the
 * bestsellers would go with everything.
 */
export const goesTogether: Source = {
  name: 'goes_together',
  propose(query) {
    const scores = new Map<number, number>();
    for (const [ordinal, sequel] of query.sequels) {
      scores.set(ordinal, sequel.sum * Math.log1p(sequelLift(sequel, { ...query, ordinal })));
    }
    return largest(scores, PROPOSED);
  },
};
