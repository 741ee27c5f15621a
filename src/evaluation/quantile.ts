/**
 * The value below which a share of `sorted` (ascending) lies, interpolated between neighbours
 * (Hyndman and Fan type 7, as R and NumPy do). 0 for no values; `share` in [0, 1].
 */
export function quantile(sorted: ArrayLike<number>, share: number): number {
  if (sorted.length === 0) return 0;
  const at = share * (sorted.length - 1);
  const below = sorted[Math.floor(at)] as number;
  const above = sorted[Math.ceil(at)] as number;
  return below + (above - below) * (at - Math.floor(at));
}
