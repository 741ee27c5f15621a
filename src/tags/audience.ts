import { addDecayed, type DecayedSum, emptySum, readDecayed } from '../core/decay.js';
import { DAY_MS, type EpochMs, halfLife } from '../core/time.js';
import type { Traits } from '../core/traits.js';
import { TRAIT_DIMENSIONS, type TraitDimension } from '../core/vocabulary.js';

/** The traits that people left on a product or shop by acting on it, fading (T3, T6). */
export type Audience = Map<TraitDimension, Map<string, DecayedSum>>;

/** How typical one trait value is of an audience. */
export interface TraitShare {
  readonly dimension: TraitDimension;
  readonly value: string;
  /** Share of the audience's weight in this dimension, before smoothing, 0–1. */
  readonly shareRatio: number;
  /** Share of everybody's weight, 0–1. */
  readonly overallShareRatio: number;
  /** Smoothed target group index: 100 is as among everybody, 200 twice as much. */
  readonly tgi: number;
}

const HALF_LIFE = halfLife(90 * DAY_MS);

/**
 * Weight of behaviour that everybody's shares count for beside an audience's own: about 200
 * pseudo-counts keep a shop with ten buyers from an index of 500.
 */
export const TGI_PRIOR_WEIGHT = 200;

export function addToAudience(
  audience: Audience,
  change: { traits: Traits; weight: number; atMs: EpochMs },
): void {
  for (const dimension of TRAIT_DIMENSIONS) {
    const value = change.traits[dimension];
    if (value === undefined) continue;
    let values = audience.get(dimension);
    if (values === undefined) {
      values = new Map();
      audience.set(dimension, values);
    }
    let sum = values.get(value);
    if (sum === undefined) {
      sum = emptySum();
      values.set(value, sum);
    }
    addDecayed(sum, change.weight, change.atMs, HALF_LIFE);
  }
}

/**
 * The shares of every trait value that `audience` holds, against `population`:
 * `TGI = 100 · ((n_st + κ·π_t) / (n_s + κ)) / π_t` with π the overall share and κ the prior.
 */
export function traitShares(audience: Audience, population: Audience, nowMs: EpochMs): TraitShare[] {
  const shares: TraitShare[] = [];
  for (const [dimension, values] of audience) {
    const everybody = population.get(dimension);
    if (everybody === undefined) continue;
    const own = totalWeight(values, nowMs);
    const overall = totalWeight(everybody, nowMs);
    if (own <= 0 || overall <= 0) continue;
    for (const [value, sum] of values) {
      const weight = Math.max(0, readDecayed(sum, nowMs, HALF_LIFE));
      const overallWeight = Math.max(0, readDecayed(everybody.get(value) ?? emptySum(), nowMs, HALF_LIFE));
      const overallShareRatio = overallWeight / overall;
      if (overallShareRatio <= 0) continue;
      const smoothed = (weight + TGI_PRIOR_WEIGHT * overallShareRatio) / (own + TGI_PRIOR_WEIGHT);
      shares.push({
        dimension,
        value,
        shareRatio: weight / own,
        overallShareRatio,
        tgi: (100 * smoothed) / overallShareRatio,
      });
    }
  }
  return shares;
}

/**
 * How typical a person's traits are of an audience, 0–1: the mean of `log2(TGI/100)` over the
 * traits that are known, through a logistic; 0.5 when none is.
 */
export function audienceFit(traits: Traits, shares: readonly TraitShare[]): number {
  let sum = 0;
  let known = 0;
  for (const dimension of TRAIT_DIMENSIONS) {
    const value = traits[dimension];
    if (value === undefined) continue;
    const share = shares.find((candidate) => candidate.dimension === dimension && candidate.value === value);
    if (share === undefined) continue;
    sum += Math.log2(share.tgi / 100);
    known += 1;
  }
  return known === 0 ? 0.5 : 1 / (1 + Math.exp((-2 * sum) / known));
}

function totalWeight(values: ReadonlyMap<string, DecayedSum>, nowMs: EpochMs): number {
  let total = 0;
  for (const sum of values.values()) total += Math.max(0, readDecayed(sum, nowMs, HALF_LIFE));
  return total;
}
