import type { Query } from '../query.js';
import type { Vote } from '../votes.js';
import type { Feature } from './feature.js';

function vote(name: string, value: (vote: Vote) => number): Feature {
  return {
    name,
    default: 0,
    needs: 'visits',
    value(query: Query, ordinal: number) {
      const found = query.votes.get(ordinal);
      return found === undefined ? 0 : value(found);
    },
  };
}

/** How loudly the visits most like the latest one speak for the product, damped. */
export const visitScore = vote('visit_score', ({ score }) => Math.log1p(score));

/** Against what they speak for most: comparable between long and short histories. */
export const visitShare = vote('visit_share', ({ share }) => share);

/** Its place among what they speak for: 1 for the first, falling. */
export const visitRank = vote('visit_rank', ({ place }) => 1 / (1 + place));
