import { utcDay } from '../../behaviour/counting.js';
import { type Crowd, crowdWeight } from '../../behaviour/crowds.js';
import { hashText, seededRandom } from '../../core/random.js';
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
      .map(([ordinal, weight]) => ({ ordinal, key: drawFor(query, ordinal) ** (1 / weight) }))
      .sort((a, b) => b.key - a.key)
      .slice(0, PROPOSED)
      .map(({ ordinal }) => ordinal);
  },
};

/** Uniform in (0, 1), the same for one person, product and day, whatever others do. */
function drawFor(query: Query, ordinal: number): number {
  const productId = query.state.catalog.products.idOf(ordinal);
  const seed = hashText(`${query.request.userId}\n${utcDay(query.nowMs)}\n${productId}`);
  return seededRandom(seed)() || Number.MIN_VALUE;
}

function crowdWeights(query: Query): Map<number, number> {
  const shares = new Map<number, number>();
  for (const { crowd } of query.crowds) {
    for (const ordinal of bestOf(crowd, query.state.version)) {
      const { weight, total } = crowdWeight(crowd, ordinal, query.nowMs);
      if (total > 0 && weight > 0) shares.set(ordinal, (shares.get(ordinal) ?? 0) + (1_000 * weight) / total);
    }
  }
  return shares;
}

interface CachedBest {
  readonly ordinals: readonly number[];
  readonly madeAtVersion: number;
}

/** Fading keeps the order within a crowd, so its best are sorted again only once enough happened. */
const bestByCrowd = new WeakMap<Crowd, CachedBest>();

function bestOf(crowd: Crowd, version: number): readonly number[] {
  const cached = bestByCrowd.get(crowd);
  if (cached !== undefined && version - cached.madeAtVersion <= crowd.products.size / 100)
    return cached.ordinals;
  const ordinals = [...crowd.products]
    .sort((a, b) => b[1] - a[1] || a[0] - b[0])
    .slice(0, BEST_PER_CROWD)
    .map(([ordinal]) => ordinal);
  bestByCrowd.set(crowd, { ordinals, madeAtVersion: version });
  return ordinals;
}
