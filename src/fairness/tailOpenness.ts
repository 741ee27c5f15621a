/** Behaviour that the population's share counts for beside a person's own. */
const PRIOR_WEIGHT = 20;
/** Nobody is spared the tail altogether, or they could never be seen to like it. */
const LEAST = 0.25;

/**
 * How much of the boost a person gets, 0.25–1: their share of behaviour that went to the tail against everybody's,
 * shrunk to it. Who keeps to the head is shown less of the tail (Spotify does so by user); nobody gets more.
 */
export function tailOpenness({
  tailWeight,
  allWeight,
  naturalShareRatio,
}: {
  /** Fading weight of what the person did, with shops of the tail and with all; not below 0. */
  tailWeight: number;
  allWeight: number;
  naturalShareRatio: number;
}): number {
  if (naturalShareRatio <= 0) return 1;
  const share = (tailWeight + PRIOR_WEIGHT * naturalShareRatio) / (allWeight + PRIOR_WEIGHT);
  return Math.max(LEAST, Math.min(1, share / naturalShareRatio));
}
