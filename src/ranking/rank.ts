import { newId } from '../core/ids.js';
import { logistic } from '../core/odds.js';
import { bidPart, factorsAt } from './adjust.js';
import { sourcesOf } from './candidates.js';
import type { RankExperiment } from './experiment.js';
import type { PageSlot, RankedPage, RankPage } from './pageRanking.js';
import type { RankAnswer, RankedItem, RankRequest } from './rankRequest.js';
import { reasonsFor } from './reasons/reasons.js';
import { boostsAt } from './selectors/fairSelector.js';
import type { ServedFairness, ServedList } from './servedListStore.js';
import type { ServedMemory } from './servedMemory.js';
import { type SlotFacts, slotFacts } from './slotFacts.js';
import { validateRankRequest } from './validateRankRequest.js';

/** What ranking is made of. */
export interface RankDeps {
  readonly rankPage: RankPage;
  /** Told what was shown; the same that `rankPage` reads. */
  readonly served: Pick<ServedMemory, 'remember'>;
  readonly maxCandidates: number;
  /** Told of every list that is answered, before the answer; it does not wait. */
  readonly onServed?: (list: ServedList) => void;
  /** For evaluations alone: asked at each request. */
  readonly experiment?: (() => RankExperiment) | undefined;
}

/** Products of a page that the person is taken to have seen. */
const SEEN = 10;

/** Answers a rank request: checks it, ranks a page (`pageRanking.ts` has the stages), says why, and remembers. */
export function createRank(deps: RankDeps): (request: RankRequest) => Promise<RankAnswer> {
  return async function rank(unchecked) {
    const request = validateRankRequest(unchecked, deps.maxCandidates);
    const experiment = deps.experiment?.();
    const page = await deps.rankPage(request, { experiment });
    const answer = answerOf(page);
    if (experiment === undefined) {
      const seen = page.selected.chosen
        .slice(0, SEEN)
        .map(({ place }) => page.kept.ordinals[place] as number);
      deps.served.remember(page.servedTo, seen, page.query.nowMs);
    }
    deps.onServed?.(servedList(request, answer, page.selected.served));
    return answer;
  };
}

function answerOf(page: RankedPage): RankAnswer {
  const { query, candidates, dropped, unknownCandidateCount, scored, watermark } = page;
  const facts = factsOf(page);
  return {
    rankId: newId(),
    items: page.selected.chosen.map((slot, i) =>
      itemAt(page, { slot, index: i, facts: facts[i] as SlotFacts }),
    ),
    degradationLevel: scored.level,
    degradationReason: scored.reason,
    modelVersion: scored.version ?? '',
    candidateCount: candidates.ordinals.length,
    dropped,
    unknownCandidateCount,
    answeredAtMs: query.nowMs,
    watermark,
  };
}

function itemAt(
  { query, kept, scored, ledger, selected }: RankedPage,
  { slot: { place, factor }, index, facts }: { slot: PageSlot; index: number; facts: SlotFacts },
): RankedItem {
  const ordinal = kept.ordinals[place] as number;
  const { catalog } = query.state;
  const boostFactors = Object.fromEntries(
    Object.entries(boostsAt(selected, place)).map(([name, part]) => [name, Math.exp(part)]),
  );
  return {
    productId: catalog.products.idOf(ordinal),
    shopId: catalog.shopIdOf(ordinal),
    score: (selected.scores[place] as number) + Math.log(factor),
    relevance: logistic(scored.logOdds[place] as number),
    position: index + 1,
    reasons: reasonsFor(query, ordinal),
    sources: sourcesOf(kept.sourceBits[place] as number),
    adjustments: { ...factorsAt(ledger, place), ...boostFactors, spread: factor },
    slotFacts: facts,
  };
}

function factsOf({ query, kept, scored, ledger, selected, relevant }: RankedPage): SlotFacts[] {
  const factual = ({ place }: PageSlot) => ({
    ordinal: kept.ordinals[place] as number,
    relevance: logistic(scored.logOdds[place] as number),
  });
  return slotFacts(query, {
    shown: selected.chosen.map(factual),
    relevant: relevant.map(factual),
    boostOf(index) {
      const { place } = selected.chosen[index] as PageSlot;
      const bid = bidPart(ledger)[place] as number;
      const lift = boostsAt(selected, place).fairness ?? 0;
      if (Math.max(bid, lift) <= 0) return undefined;
      return bid > lift ? 'bid' : 'fairness';
    },
  });
}

function servedList(
  { userId, scene }: RankRequest,
  answer: RankAnswer,
  fairness: ServedFairness | undefined,
): ServedList {
  return {
    rankId: answer.rankId,
    userId,
    servedAtMs: answer.answeredAtMs,
    scene,
    level: answer.degradationLevel,
    modelVersion: answer.modelVersion,
    items: answer.items.map(({ productId, score, shopId }) => ({
      productId,
      score,
      ...(shopId !== undefined && { shopId }),
    })),
    ...(fairness !== undefined && { fairness }),
  };
}
