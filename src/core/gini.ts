/**
 * Gini coefficient of values that are not negative, Σ (2i − n − 1)·x_i ÷ (n·Σ x), x ascending,
 * i from 1. 0 when there is nothing to share.
 */
export function gini(values: ArrayLike<number>): number {
  const sorted = Float64Array.from(values).sort();
  const count = sorted.length;
  let total = 0;
  let weighted = 0;
  sorted.forEach((value, index) => {
    total += value;
    weighted += (2 * (index + 1) - count - 1) * value;
  });
  return total === 0 ? 0 : weighted / (count * total);
}
