/** How much attention a place gets, against the first: `1 ÷ log2(1 + rank)`, the discount of DCG. `rank` is from 1. */
export function positionWeight(rank: number): number {
  return WEIGHTS[rank] ?? 1 / Math.log2(1 + rank);
}

/** Of the longest page there is; a logarithm for every slot of every page would be felt. */
const WEIGHTS = Float64Array.from({ length: 501 }, (_, rank) => (rank === 0 ? 0 : 1 / Math.log2(1 + rank)));
