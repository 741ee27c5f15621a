import type { SourceName } from '../candidates.js';
import type { PopularityBoards } from '../popularityBoards.js';
import type { Query } from '../query.js';

/** Proposes candidates for a query: catalogue ordinals, most promising first, each once. */
export interface Source {
  readonly name: SourceName;
  propose(query: Query, boards: PopularityBoards): readonly number[];
}

/** The `count` keys of largest value, largest first; ties by key. */
export function largest(scores: ReadonlyMap<number, number>, count: number): number[] {
  let floor = Number.NEGATIVE_INFINITY;
  if (scores.size > count) {
    // Numbers alone sort ten times faster than entries, and few of thousands are wanted.
    const sorted = Float64Array.from(scores.values()).sort();
    floor = sorted[sorted.length - count] as number;
  }
  return [...scores]
    .filter(([, score]) => score >= floor)
    .sort(([ordinalA, a], [ordinalB, b]) => b - a || ordinalA - ordinalB)
    .slice(0, count)
    .map(([ordinal]) => ordinal);
}
