import { type BehaviourWeights, SHORT_TERM_HALF_LIFE } from '../behaviour/weights.js';
import { readDecayed } from '../core/decay.js';
import type { EpochMs } from '../core/time.js';
import { heaviest, norm, normalise } from '../core/vectors.js';
import type { BehaviourType } from '../core/vocabulary.js';
import { type FadingCount, fadingWeight } from './fadingCount.js';
import { isSettled, overriddenVector } from './overriddenVector.js';
import type { OverridesByTag } from './tagOverride.js';
import type { UserState } from './userState.js';

/** Tags of one vector that are kept: beyond these the weights are noise. */
export const VECTOR_TAGS = 64;

/** What reading a vector needs beside the state. */
export interface VectorReading {
  readonly nowMs: EpochMs;
  readonly weights: BehaviourWeights;
  /** Inverse document frequency of a tag, at least 0. */
  readonly idf: (tag: string) => number;
  /** What an operator said of the person's tags; absent where nothing. */
  readonly overrides?: OverridesByTag | undefined;
}

/**
 * Long-term taste as it is read: what was learned, and what an operator said of it. Of somebody new it
 * is what an operator said alone.
 */
export function longTermVector(state: UserState | undefined, reading: VectorReading): Map<string, number> {
  const learned = state === undefined ? new Map<string, number>() : learnedTaste(state, reading).vector;
  return reading.overrides === undefined ? learned : overriddenVector(learned, reading.overrides).vector;
}

/**
 * Long-term taste (T6) by behaviour alone: `x_t = log1p(S_t)·idf_t`, length 1, the heaviest tags only.
 * The logarithm keeps one binge from drowning everything; a negative sum (dislike) keeps its sign. Tags
 * that an override settles are left out, and `length` is what the others were divided by.
 */
export function learnedTaste(
  state: UserState,
  reading: VectorReading,
): { readonly vector: Map<string, number>; readonly length: number } {
  const raw = new RawVector(state.longTerm.size);
  for (const [tag, byType] of state.longTerm) {
    if (isSettled(reading.overrides, tag)) continue;
    raw.put(tag, damped(totalWeight(byType, reading)) * reading.idf(tag));
  }
  const kept = raw.kept();
  return { vector: normalise(kept), length: norm(kept) };
}

/**
 * Short-term intent (T6): the same damping over sums that fade within days. Its length is how much
 * intent there is, `m/(m + 1)` of the heaviest tag's sum `m`: a half after one browse, next to
 * nothing for a person who was away for a fortnight. What an operator locked or vetoed is no intent:
 * what the person does now has no say in it.
 */
export function shortTermVector(state: UserState, reading: VectorReading): Map<string, number> {
  const raw = new RawVector(state.shortTerm.size);
  let most = 0;
  for (const [tag, sum] of state.shortTerm) {
    if (isSettled(reading.overrides, tag)) continue;
    const weight = readDecayed(sum, reading.nowMs, SHORT_TERM_HALF_LIFE);
    most = Math.max(most, Math.abs(weight));
    raw.put(tag, damped(weight) * reading.idf(tag));
  }
  const length = most / (most + 1);
  return new Map([...normalise(raw.kept())].map(([tag, weight]) => [tag, weight * length]));
}

/** Fading weight of all behaviours that left something. */
export function totalWeight(
  byType: ReadonlyMap<BehaviourType, FadingCount>,
  { nowMs, weights }: Pick<VectorReading, 'nowMs' | 'weights'>,
): number {
  let total = 0;
  for (const [type, count] of byType) total += fadingWeight(count, nowMs, weights[type].halfLifeMs);
  return total;
}

/** A sum as it counts: ten times as much is far from ten times the taste. */
export function damped(weight: number): number {
  return Math.sign(weight) * Math.log1p(Math.abs(weight));
}

/** Below this a weight is rounding dust of what faded or was taken back. */
const DUST = 1e-9;

/** Thousands of tags of which a few dozen are kept: plain arrays, as a map would box every number. */
class RawVector {
  readonly #tags: string[] = [];
  readonly #values: Float64Array;

  constructor(atMost: number) {
    this.#values = new Float64Array(atMost);
  }

  put(tag: string, value: number): void {
    if (Math.abs(value) > DUST) this.#values[this.#tags.push(tag) - 1] = value;
  }

  /** The heaviest tags. */
  kept(): Map<string, number> {
    const values = this.#values.subarray(0, this.#tags.length);
    const floor = values.length <= VECTOR_TAGS ? 0 : (values.map(Math.abs).sort().at(-VECTOR_TAGS) as number);
    const heavy = new Map<string, number>();
    for (let at = 0; at < values.length; at++) {
      const value = values[at] as number;
      if (Math.abs(value) >= floor) heavy.set(this.#tags[at] as string, value);
    }
    return new Map(heaviest(heavy, VECTOR_TAGS));
  }
}

/**
 * What a person's behaviour at a shop says, 0–1: fading weight over itself plus the weight of two
 * purchases, so that one order is a third of the way.
 */
export function shopAffinity(
  byType: ReadonlyMap<BehaviourType, FadingCount> | undefined,
  reading: Pick<VectorReading, 'nowMs' | 'weights'>,
): number {
  if (byType === undefined) return 0;
  const weight = Math.max(0, totalWeight(byType, reading));
  return weight / (weight + 2 * reading.weights.purchase.weight);
}
