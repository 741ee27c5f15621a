import type { EpochMs, HalfLifeMs } from './time.js';

/**
 * A sum of weights that fades by half every half-life, by **forward decay** (Cormode,
 * Shkapenyuk, Srivastava, Xu: "Forward Decay", ICDE 2009): a weight `w` at time `t` is stored as
 * `w·2^((t−L)/H)` against a landmark `L`, and the sum is read as `sum·2^(−(now−L)/H)`. Adding is a
 * plain increment, so order does not matter, late weights need nothing special, and nothing is
 * rewritten as time passes.
 *
 * A float64 holds about 1,000 half-lives on either side of the landmark. The landmark therefore
 * moves on before that, always by a whole number of half-lives: a multiplication by a power of
 * two, which is exact, so that the move changes no bit of any later reading.
 */
export interface DecayedSum {
  landmarkMs: EpochMs;
  sum: number;
}

/** Half-lives between landmark and newest weight after which the landmark moves. */
const SHIFT_AFTER_HALF_LIVES = 256;

export function emptySum(): DecayedSum {
  return { landmarkMs: Number.NaN, sum: 0 };
}

/** Adds `weight` (may be negative) as of `atMs`, in place. Contributions beneath 2^−1,074 vanish. */
export function addDecayed(target: DecayedSum, weight: number, atMs: EpochMs, halfLifeMs: HalfLifeMs): void {
  if (Number.isNaN(target.landmarkMs)) target.landmarkMs = landmarkFor(atMs, halfLifeMs);
  let halfLives = (atMs - target.landmarkMs) / halfLifeMs;
  if (halfLives > SHIFT_AFTER_HALF_LIVES) {
    const whole = Math.floor(halfLives);
    target.sum *= 2 ** -whole;
    target.landmarkMs += whole * halfLifeMs;
    halfLives = (atMs - target.landmarkMs) / halfLifeMs;
  }
  target.sum += weight * 2 ** halfLives;
}

/** Weights may lie this far after the reading and still be told apart; beyond it the reading stays finite. */
const LATEST_READ_HALF_LIVES = 512;

/** The sum as it stands at `nowMs`. Weights of the future count for more than their own size; always finite. */
export function readDecayed(source: DecayedSum, nowMs: EpochMs, halfLifeMs: HalfLifeMs): number {
  if (source.sum === 0) return 0;
  return source.sum * 2 ** Math.min(LATEST_READ_HALF_LIVES, (source.landmarkMs - nowMs) / halfLifeMs);
}

/** What is left of 1 after `ageMs`. */
export function decayFactor(ageMs: number, halfLifeMs: HalfLifeMs): number {
  return 2 ** (-ageMs / halfLifeMs);
}

/** Landmarks stand on a grid of whole half-lives since the epoch, so that equal histories share them. */
function landmarkFor(atMs: EpochMs, halfLifeMs: HalfLifeMs): EpochMs {
  return Math.floor(atMs / halfLifeMs) * halfLifeMs;
}
