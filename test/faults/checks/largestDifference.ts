/**
 * The largest difference of two numbers in the same place of two values; infinite when they differ in
 * anything else. 0 is equality to the bit, but for the sign of a zero.
 */
export function largestDifference(a: unknown, b: unknown): number {
  if (Object.is(a, b)) return 0;
  if (typeof a === 'number' && typeof b === 'number') {
    const difference = Math.abs(a - b);
    return Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference;
  }
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) {
    return Number.POSITIVE_INFINITY;
  }
  const [ofA, ofB] = [entriesOf(a), entriesOf(b)];
  if (ofA.size !== ofB.size) return Number.POSITIVE_INFINITY;
  let largest = 0;
  for (const [key, value] of ofA) {
    if (!ofB.has(key)) return Number.POSITIVE_INFINITY;
    largest = Math.max(largest, largestDifference(value, ofB.get(key)));
  }
  return largest;
}

/** Of maps and of objects; what is undefined is not there. */
function entriesOf(value: object): Map<unknown, unknown> {
  const entries = value instanceof Map ? [...value] : Object.entries(value);
  return new Map(entries.filter(([, part]) => part !== undefined));
}
