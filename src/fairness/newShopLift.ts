import type { EpochMs } from '../core/time.js';
import type { NewShopPolicy } from './fairnessPolicy.js';

/**
 * What a new shop is lifted by, in odds of a page's mean, until it had the exposure that it is owed: all of it when it had
 * none, nothing at the floor. A shop whose age nobody told is not new.
 */
export function newShopLift(
  { createdAtMs, served }: { createdAtMs: EpochMs | undefined; served: number },
  { nowMs, policy }: { nowMs: EpochMs; policy: NewShopPolicy },
): number {
  if (createdAtMs === undefined || policy.exposureFloor <= 0) return 0;
  const ageMs = nowMs - createdAtMs;
  if (ageMs < 0 || ageMs >= policy.windowMs) return 0;
  return policy.mostBoost * Math.max(0, 1 - served / policy.exposureFloor);
}
