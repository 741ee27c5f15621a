import { NONE } from '../catalog/ordinals.js';
import { CandidateCollector, type Candidates, type SourceName } from './candidates.js';
import type { PopularityBoards } from './popularityBoards.js';
import type { Query } from './query.js';
import { SOURCES } from './sources/index.js';

/**
 * The caller's candidates when there are any, else what the sources propose, all but `withoutSource`. A
 * product of `included` that nothing proposed is a candidate without a source.
 */
export function gather(
  query: Query,
  boards: PopularityBoards,
  {
    withoutSource,
    included = [],
  }: { withoutSource?: SourceName | undefined; included?: readonly number[] } = {},
): { candidates: Candidates; unknownCandidateCount: number } {
  const collector = new CandidateCollector();
  const { candidateIds } = query.request;
  let unknownCandidateCount = 0;
  if (candidateIds.length === 0) {
    for (const source of SOURCES) {
      if (source.name !== withoutSource) collector.propose(source.name, source.propose(query, boards));
    }
  } else {
    const known = candidateIds
      .map((id) => query.state.catalog.products.of(id))
      .filter((ordinal) => ordinal !== NONE);
    collector.propose('caller', known);
    unknownCandidateCount = candidateIds.length - known.length;
  }
  for (const ordinal of included) collector.include(ordinal);
  return { candidates: collector.collected(), unknownCandidateCount };
}
