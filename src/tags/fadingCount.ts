import { addDecayed, type DecayedSum, emptySum, readDecayed } from '../core/decay.js';
import type { EpochMs, HalfLifeMs } from '../core/time.js';

/** What behaviours of one type left somewhere: their fading weight, how many, and the latest. */
export interface FadingCount {
  readonly sum: DecayedSum;
  /** Behaviours seen, whether or not their weight counted. */
  count: number;
  lastAtMs: EpochMs;
}

export function emptyFadingCount(): FadingCount {
  return { sum: emptySum(), count: 0, lastAtMs: Number.NEGATIVE_INFINITY };
}

/** The entry of `key`, made empty when missing. */
export function countAt<Key>(counts: Map<Key, FadingCount>, key: Key): FadingCount {
  let found = counts.get(key);
  if (found === undefined) {
    found = emptyFadingCount();
    counts.set(key, found);
  }
  return found;
}

export function addWeight(
  target: FadingCount,
  change: { weight: number; atMs: EpochMs; halfLifeMs: HalfLifeMs },
): void {
  addDecayed(target.sum, change.weight, change.atMs, change.halfLifeMs);
}

export function noteSeen(target: FadingCount, atMs: EpochMs): void {
  target.count += 1;
  if (atMs > target.lastAtMs) target.lastAtMs = atMs;
}

export function fadingWeight(source: FadingCount, nowMs: EpochMs, halfLifeMs: HalfLifeMs): number {
  return readDecayed(source.sum, nowMs, halfLifeMs);
}
