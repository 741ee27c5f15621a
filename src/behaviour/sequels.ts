import { DAY_MS, type EpochMs, HOUR_MS, halfLife } from '../core/time.js';
import { OrdinalSums } from './ordinalSums.js';

/**
 * What people take **after** a product (R12), in the same sitting or within weeks: unlike `relations.ts`
 * this has a direction, since a cleanser brings the next step of the routine and a baking tin no oven. For
 * each product the fading weight of each sequel, kept to the heaviest. Numbers are catalogue ordinals. As in
 * `relations.ts`, what was pruned is forgotten.
 */
export interface Sequels {
  readonly after: (Aftermath | undefined)[];
}

/** One product's sequels against a shared landmark, by forward decay (see `core/decay.ts`). */
export interface Aftermath {
  landmarkMs: EpochMs;
  readonly sums: OrdinalSums;
  /** The product's own sum. */
  own: number;
  /** All that followed, also what is no longer kept. */
  total: number;
}

const HALF_LIFE = halfLife(60 * DAY_MS);

/** An aftermath is pruned to `SEQUELS_KEPT` when it grows past `SEQUELS_MOST`. */
export const SEQUELS_KEPT = 96;
export const SEQUELS_MOST = 256;

/** What follows within this belongs to the same sitting and counts fully; what follows later less. */
const SITTING_MS = 2 * HOUR_MS;
const APART_FACTOR = 0.3;
/** What follows later than this is no sequel. */
export const SEQUEL_WINDOW_MS = 30 * DAY_MS;

export function emptySequels(): Sequels {
  return { after: [] };
}

/** A product that somebody turned to. */
export interface Step {
  readonly ordinal: number;
  readonly weight: number;
  readonly atMs: EpochMs;
}

/**
 * Notes a step after those that the same person took `before`. What arrives late follows what was earlier, not
 * what was applied earlier; of one moment, as in one order, each follows the other.
 */
export function noteStep(sequels: Sequels, step: Step, before: readonly Step[]): void {
  const mine = aftermath(sequels, step.ordinal, step.atMs);
  mine.own += step.weight * scale(mine, step.atMs);
  for (const other of before) {
    if (other.ordinal === step.ordinal || Math.abs(step.atMs - other.atMs) > SEQUEL_WINDOW_MS) continue;
    if (other.atMs <= step.atMs) follow(sequels, other, step);
    if (other.atMs >= step.atMs) follow(sequels, step, other);
  }
}

function follow(sequels: Sequels, first: Step, then: Step): void {
  const closeness = then.atMs - first.atMs <= SITTING_MS ? 1 : APART_FACTOR;
  const target = aftermath(sequels, first.ordinal, then.atMs);
  const amount = Math.sqrt(first.weight * then.weight) * closeness * scale(target, then.atMs);
  target.sums.add(then.ordinal, amount);
  target.total += amount;
  if (target.sums.size > SEQUELS_MOST) target.sums.keepLargest(SEQUELS_KEPT);
}

function aftermath(sequels: Sequels, ordinal: number, atMs: EpochMs): Aftermath {
  let found = sequels.after[ordinal];
  if (found === undefined) {
    found = {
      landmarkMs: Math.floor(atMs / HALF_LIFE) * HALF_LIFE,
      sums: new OrdinalSums(),
      own: 0,
      total: 0,
    };
    sequels.after[ordinal] = found;
  }
  const halfLives = (atMs - found.landmarkMs) / HALF_LIFE;
  if (halfLives > 256) {
    const whole = Math.floor(halfLives);
    const factor = 2 ** -whole;
    found.sums.multiply(factor);
    found.own *= factor;
    found.total *= factor;
    found.landmarkMs += whole * HALF_LIFE;
  }
  return found;
}

function scale(target: Aftermath, atMs: EpochMs): number {
  return 2 ** ((atMs - target.landmarkMs) / HALF_LIFE);
}

/** Weight added to what the shares are of, so that one person is no proof. */
const SHRINKAGE = 4;

/** How a sequel follows a product. */
export interface Following {
  /** Of those who took the product, the share that took the sequel after it, 0–1. */
  readonly share: number;
  /** Of all that was taken after the product, the share that this sequel is, 0–1: to be held against its popularity. */
  readonly part: number;
  /** The fading weight behind both. */
  readonly weight: number;
}

/** Calls `visit` with each sequel of `ordinal`. */
export function forEachSequel(
  sequels: Sequels,
  ordinal: number,
  nowMs: EpochMs,
  visit: (sequel: number, following: Following) => void,
): void {
  const mine = sequels.after[ordinal];
  if (mine === undefined) return;
  const factor = 1 / scale(mine, nowMs);
  const [own, total] = [mine.own * factor + SHRINKAGE, mine.total * factor + SHRINKAGE];
  mine.sums.forEach((sequel, sum) => {
    const weight = sum * factor;
    visit(sequel, { share: Math.min(1, weight / own), part: weight / total, weight });
  });
}
