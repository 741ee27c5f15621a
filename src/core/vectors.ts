/** A sparse vector: tag to weight. Absent is 0. */
export type SparseVector = ReadonlyMap<string, number>;

export function norm(vector: SparseVector): number {
  let squares = 0;
  for (const value of vector.values()) squares += value * value;
  return Math.sqrt(squares);
}

/** The same direction with length 1; an empty or all-zero vector becomes empty. */
export function normalise(vector: SparseVector): Map<string, number> {
  const length = norm(vector);
  const result = new Map<string, number>();
  if (length === 0) return result;
  for (const [tag, value] of vector) result.set(tag, value / length);
  return result;
}

/** Cosine of the angle between two vectors, −1…1; 0 when either is empty. */
export function cosine(a: SparseVector, b: SparseVector): number {
  const lengths = norm(a) * norm(b);
  if (lengths === 0) return 0;
  const [small, large] = a.size <= b.size ? [a, b] : [b, a];
  let dot = 0;
  for (const [tag, value] of small) dot += value * (large.get(tag) ?? 0);
  return Math.max(-1, Math.min(1, dot / lengths));
}

/** The `count` entries of largest absolute weight, heaviest first; ties by tag name. */
export function heaviest(vector: SparseVector, count: number): [string, number][] {
  const floor = floorOfLargest(vector, count);
  return [...vector]
    .filter(([, value]) => Math.abs(value) >= floor)
    .sort(([tagA, a], [tagB, b]) => Math.abs(b) - Math.abs(a) || (tagA < tagB ? -1 : 1))
    .slice(0, count);
}

/**
 * The `count`-th largest absolute weight, 0 when there are fewer. Numbers alone sort ten times
 * faster than entries, and of thousands of tags only a few dozen are wanted.
 */
function floorOfLargest(vector: SparseVector, count: number): number {
  if (vector.size <= count) return 0;
  const sizes = Float64Array.from(vector.values(), Math.abs).sort();
  return sizes[sizes.length - count] as number;
}
