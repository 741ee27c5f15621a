import { type Candidates, pick } from '../candidates.js';
import type { Query } from '../query.js';
import { alreadyOrdered } from './alreadyOrdered.js';
import { excluded, outsideRequest } from './callerFilters.js';
import type { Filter } from './filter.js';
import { inStock } from './inStock.js';
import { notInterested } from './notInterested.js';

/** In the order in which they are asked; the first to drop a candidate is the one named. */
export const FILTERS: readonly Filter[] = [excluded, outsideRequest, inStock, notInterested, alreadyOrdered];

/** The first filter that drops a candidate; undefined when all keep it. */
export function firstRefusing(query: Query, ordinal: number): Filter | undefined {
  return FILTERS.find((filter) => !filter.keeps(query, ordinal));
}

/** The candidates that every filter keeps, and how many each dropped. */
export function applyFilters(
  query: Query,
  candidates: Candidates,
): { kept: Candidates; dropped: Record<string, number> } {
  const dropped: Record<string, number> = {};
  const places: number[] = [];
  for (const [place, ordinal] of candidates.ordinals.entries()) {
    const refusing = firstRefusing(query, ordinal);
    if (refusing === undefined) places.push(place);
    else dropped[refusing.name] = (dropped[refusing.name] ?? 0) + 1;
  }
  return { kept: pick(candidates, places), dropped };
}
