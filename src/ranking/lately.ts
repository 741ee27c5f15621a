import { NONE } from '../catalog/ordinals.js';
import type { EpochMs } from '../core/time.js';

/** How lately, and how much, a person turned to a group of products. */
export interface Lately {
  /** Among the groups, by when each was turned to last: 0 for the latest. */
  readonly place: number;
  readonly lastAtMs: EpochMs;
  /** Its share of what the person did lately, the latest counting most, 0–1. */
  share: number;
}

/** By group: `groupOf` answers a product's category, or its shop, or `NONE`. `recent` comes latest first. */
export function latelyBy(
  recent: readonly { readonly ordinal: number; readonly weight: number; readonly atMs: EpochMs }[],
  groupOf: (ordinal: number) => number,
): Map<number, Lately> {
  const groups = new Map<number, Lately>();
  const total = recent.reduce((sum, { weight }) => sum + weight, 0);
  for (const { ordinal, weight, atMs } of recent) {
    const group = groupOf(ordinal);
    if (group === NONE) continue;
    const known = groups.get(group);
    if (known === undefined) {
      groups.set(group, { place: groups.size, lastAtMs: atMs, share: weight / total });
    } else known.share += weight / total;
  }
  return groups;
}
