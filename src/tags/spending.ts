import { addDecayed, type DecayedSum, emptySum, readDecayed } from '../core/decay.js';
import { DAY_MS, type EpochMs, halfLife } from '../core/time.js';

/**
 * A person's spending level: where in the price range of a category their choices lie (R10), as
 * fading mean and variance of price percentiles, overall and per leaf category.
 */
export interface SpendingState {
  readonly overall: FadingMoments;
  readonly byCategory: Map<string, FadingMoments>;
}

interface FadingMoments {
  readonly weight: DecayedSum;
  readonly weighted: DecayedSum;
  readonly weightedSquare: DecayedSum;
}

/** A spending level as read: percentile 0 (cheapest) – 1 (dearest), and how sure it is. */
export interface SpendingLevel {
  readonly mean: number;
  readonly variance: number;
  /** Fading weight of the choices behind it; 0 when it is the prior alone. */
  readonly evidence: number;
}

const HALF_LIFE = halfLife(90 * DAY_MS);

/** Before anything is known: the middle, give or take a quarter. */
const PRIOR: SpendingLevel = { mean: 0.5, variance: 0.25 ** 2, evidence: 0 };

/** Evidence (in purchases' weight) at which the person's own choices count as much as the prior. */
const PRIOR_EVIDENCE = 16;

export function emptySpending(): SpendingState {
  return { overall: emptyMoments(), byCategory: new Map() };
}

function emptyMoments(): FadingMoments {
  return { weight: emptySum(), weighted: emptySum(), weightedSquare: emptySum() };
}

/** Adds a choice at `percentile` (0–1); a negative weight takes an earlier one back. */
export function addChoice(
  state: SpendingState,
  choice: { category: string | undefined; percentile: number; weight: number; atMs: EpochMs },
): void {
  addMoments(state.overall, choice);
  if (choice.category === undefined) return;
  let own = state.byCategory.get(choice.category);
  if (own === undefined) {
    own = emptyMoments();
    state.byCategory.set(choice.category, own);
  }
  addMoments(own, choice);
}

function addMoments(
  target: FadingMoments,
  { percentile, weight, atMs }: { percentile: number; weight: number; atMs: EpochMs },
): void {
  addDecayed(target.weight, weight, atMs, HALF_LIFE);
  addDecayed(target.weighted, weight * percentile, atMs, HALF_LIFE);
  addDecayed(target.weightedSquare, weight * percentile * percentile, atMs, HALF_LIFE);
}

/** The level in a category: the person's choices there, shrunk to all their choices, shrunk to the prior. */
export function spendingLevel(
  state: SpendingState,
  category: string | undefined,
  nowMs: EpochMs,
): SpendingLevel {
  const overall = shrink(state.overall, PRIOR, nowMs);
  const own = category === undefined ? undefined : state.byCategory.get(category);
  return own === undefined ? overall : shrink(own, overall, nowMs);
}

function shrink(moments: FadingMoments, toward: SpendingLevel, nowMs: EpochMs): SpendingLevel {
  const evidence = Math.max(0, readDecayed(moments.weight, nowMs, HALF_LIFE));
  if (evidence < 1e-9) return { ...toward, evidence: 0 };
  const mean = clamp01(readDecayed(moments.weighted, nowMs, HALF_LIFE) / evidence);
  const square = readDecayed(moments.weightedSquare, nowMs, HALF_LIFE) / evidence;
  const variance = Math.max(0, square - mean * mean);
  const share = evidence / (evidence + PRIOR_EVIDENCE);
  return {
    mean: share * mean + (1 - share) * toward.mean,
    variance: share * variance + (1 - share) * toward.variance,
    evidence,
  };
}

/**
 * How well a price fits a spending level, in (0, 1]: `exp(−d²/2(σ²+0.2²))` with the distance
 * above the person's level counted twice, since too dear deters more than too cheap.
 */
export function priceFit(level: SpendingLevel, percentile: number): number {
  const difference = percentile - level.mean;
  const distance = difference > 0 ? 2 * difference : -difference;
  return Math.exp(-(distance * distance) / (2 * (level.variance + 0.2 ** 2)));
}

/** The level as a trait of a crowd, once two or so purchases speak for it. */
export function spendingTrait(state: SpendingState, nowMs: EpochMs): string | undefined {
  const level = spendingLevel(state, undefined, nowMs);
  if (level.evidence < PRIOR_EVIDENCE) return undefined;
  return level.mean < 0.4 ? 'low' : level.mean > 0.6 ? 'high' : 'middle';
}

function clamp01(value: number): number {
  return Math.max(0, Math.min(1, value));
}
