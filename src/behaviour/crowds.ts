import { DAY_MS, type EpochMs, halfLife } from '../core/time.js';
import type { Traits } from '../core/traits.js';
import { TRAIT_DIMENSIONS } from '../core/vocabulary.js';

/**
 * What people of one crowd choose (R3, R4): per trait value such as `age_band=25-29`, the fading
 * weight of each product (by catalogue ordinal), all against one landmark a crowd.
 */
export type Crowds = Map<string, Crowd>;

export interface Crowd {
  landmarkMs: EpochMs;
  readonly products: Map<number, number>;
  total: number;
}

const HALF_LIFE = halfLife(30 * DAY_MS);

/** The crowds that traits put a person in. */
export function crowdNames(traits: Traits): string[] {
  const names: string[] = [];
  for (const dimension of TRAIT_DIMENSIONS) {
    const value = traits[dimension];
    if (value !== undefined) names.push(`${dimension}=${value}`);
  }
  return names;
}

export function addToCrowds(
  crowds: Crowds,
  change: { traits: Traits; ordinal: number; weight: number; atMs: EpochMs },
): void {
  for (const name of crowdNames(change.traits)) {
    const crowd = crowdAt(crowds, name, change.atMs);
    const amount = change.weight * 2 ** ((change.atMs - crowd.landmarkMs) / HALF_LIFE);
    crowd.products.set(change.ordinal, (crowd.products.get(change.ordinal) ?? 0) + amount);
    crowd.total += amount;
  }
}

function crowdAt(crowds: Crowds, name: string, atMs: EpochMs): Crowd {
  let crowd = crowds.get(name);
  if (crowd === undefined) {
    crowd = { landmarkMs: Math.floor(atMs / HALF_LIFE) * HALF_LIFE, products: new Map(), total: 0 };
    crowds.set(name, crowd);
  }
  const halfLives = (atMs - crowd.landmarkMs) / HALF_LIFE;
  if (halfLives > 256) {
    const whole = Math.floor(halfLives);
    const factor = 2 ** -whole;
    for (const [ordinal, sum] of crowd.products) crowd.products.set(ordinal, sum * factor);
    crowd.total *= factor;
    crowd.landmarkMs += whole * HALF_LIFE;
  }
  return crowd;
}

/** A crowd's weight for a product and in all, as of `nowMs`. */
export function crowdWeight(
  crowd: Crowd,
  ordinal: number,
  nowMs: EpochMs,
): { weight: number; total: number } {
  const factor = 2 ** ((crowd.landmarkMs - nowMs) / HALF_LIFE);
  return {
    weight: Math.max(0, (crowd.products.get(ordinal) ?? 0) * factor),
    total: Math.max(0, crowd.total * factor),
  };
}
