import type { BehaviourWeights } from '../behaviour/weights.js';
import type { UserState } from './userState.js';
import { totalWeight } from './userVectors.js';

/**
 * How much a person cares for each shop, above 0: the fading weight of what they did there, and as of the
 * last thing they did anywhere, so that it changes when they do something and never by time going by.
 * Shops that they do not care for, or turned away from, are left out.
 */
export function shopWeights(state: UserState, weights: BehaviourWeights): ReadonlyMap<string, number> {
  let nowMs = Number.NEGATIVE_INFINITY;
  for (const { byType } of state.shops.values()) {
    for (const { lastAtMs } of byType.values()) nowMs = Math.max(nowMs, lastAtMs);
  }
  const cared = [...state.shops].map(([shopId, { byType }]): [string, number] => [
    shopId,
    totalWeight(byType, { nowMs, weights }),
  ]);
  return new Map(cared.filter(([, weight]) => weight > 0));
}
