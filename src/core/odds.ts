/** The chance, in (0, 1), whose log-odds these are. */
export function logistic(logOdds: number): number {
  return 1 / (1 + Math.exp(-logOdds));
}
