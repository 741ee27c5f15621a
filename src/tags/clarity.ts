import type { SparseVector } from '../core/vectors.js';

/**
 * How clear a label is (T2): one minus the entropy of its positive weights' shares over the
 * largest entropy that as many tags could have. 1 for a single tag, 0 for many of equal weight
 * and for none.
 */
export function clarityOf(vector: SparseVector): number {
  let total = 0;
  let count = 0;
  for (const weight of vector.values()) {
    if (weight <= 0) continue;
    total += weight;
    count += 1;
  }
  if (count === 0) return 0;
  if (count === 1) return 1;
  let entropy = 0;
  for (const weight of vector.values()) {
    if (weight <= 0) continue;
    const share = weight / total;
    entropy -= share * Math.log(share);
  }
  return Math.max(0, Math.min(1, 1 - entropy / Math.log(count)));
}
