import { crowdWeight } from '../../behaviour/crowds.js';
import type { Query } from '../query.js';
import type { Source } from './source.js';

/** Products taken of all crowds together. */
const PROPOSED = 80;
/** Candidates from which they are drawn, by crowd. */
const BEST_PER_CROWD = 150;

/**
 * What people like this person choose in the end, **by probability** (R3, R4): drawn without
 * replacement in proportion to the crowd's weight (Efraimidis–Spirakis keys `u^(1/w)`), so that
 * two newcomers of one crowd do not see one and the same list, and the same newcomer does all day.
 */
export const crowd: Source = {
  name: 'crowd',
  propose(query) {
    const weights = crowdWeights(query);
    return [...weights]
      .map(([ordinal, weight]) => ({ ordinal, key: query.random() ** (1 / weight) }))
      .sort((a, b) => b.key - a.key)
      .slice(0, PROPOSED)
      .map(({ ordinal }) => ordinal);
  },
};

function crowdWeights(query: Query): Map<number, number> {
  const shares = new Map<number, number>();
  for (const { crowd } of query.crowds) {
    const best = [...crowd.products].sort((a, b) => b[1] - a[1] || a[0] - b[0]).slice(0, BEST_PER_CROWD);
    for (const [ordinal] of best) {
      const { weight, total } = crowdWeight(crowd, ordinal, query.nowMs);
      if (total > 0 && weight > 0) shares.set(ordinal, (shares.get(ordinal) ?? 0) + (1_000 * weight) / total);
    }
  }
  return shares;
}
