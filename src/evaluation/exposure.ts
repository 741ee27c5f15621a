import { gini } from '../core/gini.js';
import { rankDiscount } from './metrics.js';

/** How attention was spread over products, or over shops. */
export interface ExposureSpread {
  /** Things that could have been shown. */
  readonly available: number;
  /** Share of them that stood in at least one list. */
  readonly coverageRatio: number;
  /**
   * Share of all places that went to the tail: outside the smallest set that holds 80 % of the
   * behaviours before the split.
   */
  readonly tailShareRatio: number;
  /** Gini of position-weighted exposure over all available: 0 all equal, near 1 all to one. */
  readonly giniRatio: number;
}

/** The share of behaviours that the head holds. */
export const HEAD_SHARE = 0.8;

/**
 * The smallest set that holds 80 % of all counts: the largest are taken until it is reached.
 * Equal counts are taken in the order of their ids, so that the set is always the same one.
 */
export function headOf(counts: ReadonlyMap<string, number>): Set<string> {
  const ranked = [...counts].sort(([idA, a], [idB, b]) => b - a || (idA < idB ? -1 : 1));
  const total = ranked.reduce((sum, [, count]) => sum + count, 0);
  const head = new Set<string>();
  let held = 0;
  for (const [id, count] of ranked) {
    if (held >= HEAD_SHARE * total) break;
    head.add(id);
    held += count;
  }
  return head;
}

/**
 * Spread of the lists over `available` ids. A place with an id that is not available counts as a
 * place, and for nothing else.
 */
export function exposureSpread(options: {
  lists: readonly (readonly string[])[];
  available: ReadonlySet<string>;
  head: ReadonlySet<string>;
}): ExposureSpread {
  const exposure = new Map<string, number>();
  let places = 0;
  let tailPlaces = 0;
  for (const list of options.lists) {
    list.forEach((id, index) => {
      places++;
      if (!options.available.has(id)) return;
      if (!options.head.has(id)) tailPlaces++;
      exposure.set(id, (exposure.get(id) ?? 0) + rankDiscount(index + 1));
    });
  }
  const values = [...options.available].map((id) => exposure.get(id) ?? 0);
  return {
    available: options.available.size,
    coverageRatio: options.available.size === 0 ? 0 : exposure.size / options.available.size,
    tailShareRatio: places === 0 ? 0 : tailPlaces / places,
    giniRatio: gini(values),
  };
}
