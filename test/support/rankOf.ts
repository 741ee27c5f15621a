import { createPageRanking, type PageRankingDeps } from '../../src/ranking/pageRanking.js';
import { createRank, type RankDeps } from '../../src/ranking/rank.js';
import { ServedMemory } from '../../src/ranking/servedMemory.js';

/** `Rank` of these parts, with a memory of its own of what was served. */
export function rankOf(parts: Omit<PageRankingDeps, 'served'> & Omit<RankDeps, 'rankPage' | 'served'>) {
  const served = new ServedMemory();
  return createRank({ ...parts, served, rankPage: createPageRanking({ ...parts, served }) });
}
