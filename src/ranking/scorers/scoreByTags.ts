import { popularityAt } from '../../tags/productState.js';
import type { Candidates } from '../candidates.js';
import { cosineWithProduct } from '../match.js';
import type { Query } from '../query.js';

/** Tag match and popularity alone, without the features: what remains when the fuller stages fail. */
export function scoreByTags(query: Query, candidates: Candidates): Float32Array {
  const top = Math.log1p(Math.max(1e-9, query.popularityTops[2] ?? 1));
  return Float32Array.from(candidates.ordinals, (ordinal) => {
    const product = query.state.productState(ordinal);
    const popularity = product === undefined ? 0 : Math.log1p(popularityAt(product, 2, query.nowMs)) / top;
    const match =
      cosineWithProduct(query.longTerm, ordinal, query.state.catalog) +
      cosineWithProduct(query.shortTerm, ordinal, query.state.catalog);
    return match + popularity - 2;
  });
}
