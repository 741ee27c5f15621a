import { decayFactor } from '../core/decay.js';
import type { EpochMs } from '../core/time.js';
import type { FairnessPolicy } from './fairnessPolicy.js';

/** Where the loop stands. Shares are of exposure, 0–1; boosts are in odds of a page's mean. */
export interface Steering {
  /** The boost in force for items of the tail: λ. */
  readonly boost: number;
  /** What the loop has learned to need: I. */
  readonly integral: number;
  /** What the tail is to get beyond what it wins by itself, moved towards the target little by little. */
  readonly liftRatio: number;
  /** What the tail gets, and what pages of relevance alone would have given it. */
  readonly tailShareRatio: number;
  readonly naturalShareRatio: number;
  /** τ: `naturalShareRatio` and `liftRatio`. */
  readonly targetShareRatio: number;
  /** How much of what was asked the budgets of pages let through, 0–1. */
  readonly deliveredRatio: number;
  /** Pages in memory at `steppedAtMs`, faded. */
  readonly pages: number;
  readonly steppedAtMs: EpochMs;
}

/** What is seen of the exposure at a step. */
export type SeenShares = Pick<
  Steering,
  'tailShareRatio' | 'naturalShareRatio' | 'deliveredRatio' | 'pages' | 'steppedAtMs'
>;

/** Boost for a share of 1 that is missing; `docs/decisions/0023` has the measurement. */
const GAIN = 2;
/** How much faster than exposure is forgotten the target may move. */
const SLEW = 4;
/** A tail that wins this much by itself is not lifted, and nothing is lifted beyond. */
const MOST_TARGET_RATIO = 0.5;

/** Where budgets let less through, more boost buys little, and would be there still when it is too much. */
const LEAST_DELIVERED = 0.5;

/** Before anything was seen. */
export const AT_REST: Steering = {
  boost: 0,
  integral: 0,
  liftRatio: 0,
  tailShareRatio: 0,
  naturalShareRatio: 0,
  targetShareRatio: 0,
  deliveredRatio: 1,
  pages: 0,
  steppedAtMs: 0,
};

/** The target in full traffic: the operator's, or twice what the tail wins by itself, up to a half. */
export function fullTarget(
  naturalShareRatio: number,
  { targetTailShareRatio }: Pick<FairnessPolicy, 'targetTailShareRatio'>,
): number {
  const wanted = targetTailShareRatio ?? Math.min(2 * naturalShareRatio, MOST_TARGET_RATIO);
  return Math.max(naturalShareRatio, wanted);
}

/**
 * One step of the loop: λ = clip(I + K·(τ − share)), I ← clip(I + K·f·(τ − share)), proportional and integral.
 *
 * Its time is exposure, not the clock: `f` is the part of what is remembered that came since the last step. So
 * nothing winds up in silence, a burst is as many steps as it has pages, and the integral is as fast as the
 * share's own memory: it cancels the share's lag, and what is left is a first-order loop, which does not ring
 * whatever the boost does to the share (the characteristic polynomial is (Ts + 1)(s + gK/T)). Share and target
 * are taken over the same pages, so a change of who comes, or of who is tail, moves both alike.
 */
export function steer(before: Steering, seen: SeenShares, policy: FairnessPolicy): Steering {
  const { tailShareRatio, naturalShareRatio, pages, steppedAtMs } = seen;
  const remembered = pages + policy.lowTrafficPages;
  if (remembered === 0) return { ...before, ...seen };
  const sinceMs = Math.max(0, steppedAtMs - before.steppedAtMs);
  const old = before.pages * decayFactor(sinceMs, policy.exposureHalfLifeMs);
  const fresh = clip((pages - old) / remembered, 0, 1);
  // Low traffic: less is asked of each page, and a share of few pages is heard less.
  const trust = pages / remembered;
  const wanted = trust * (fullTarget(naturalShareRatio, policy) - naturalShareRatio);
  const liftRatio = before.liftRatio + Math.min(1, SLEW * fresh) * (wanted - before.liftRatio);
  const missing = trust * (naturalShareRatio + liftRatio - tailShareRatio);
  const isBound = missing > 0 && seen.deliveredRatio < LEAST_DELIVERED;
  const learned = isBound ? 0 : GAIN * fresh * missing;
  const integral = clip(before.integral + learned, 0, policy.mostBoost);
  return {
    ...seen,
    liftRatio,
    targetShareRatio: naturalShareRatio + liftRatio,
    integral,
    boost: clip(integral + GAIN * missing, 0, policy.mostBoost),
  };
}

function clip(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(most, value));
}
