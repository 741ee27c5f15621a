import { InvalidInputError } from '../../core/errors.js';
import type {
  ExplainResponse,
  RankResponse,
  ExplainRequest as WireExplainRequest,
  RankedItem as WireItem,
  RankRequest as WireRequest,
} from '../../gen/tagrank/v1/recommendation.js';
import type { ExplainRequest, ScoreExplanation } from '../../ranking/explain.js';
import type { RankAnswer, RankedItem, RankRequest } from '../../ranking/rankRequest.js';
import { DEFAULT_PAGE_SIZE } from '../../ranking/validateRankRequest.js';
import { toNumber, toOptional, toTimestamp } from './scalars.js';
import { degradationLevels, fromWatermarkOutcome, toLanguage } from './vocabulary.js';

/** Of the right shape; `validateRankRequest` does the rest. */
export function toRankRequest(request: WireRequest): RankRequest {
  return {
    userId: request.userId,
    scene: request.scene,
    candidateIds: request.candidateIds,
    pageSize: request.pageSize === 0 ? DEFAULT_PAGE_SIZE : request.pageSize,
    language: toLanguage(request.language),
    excludeProductIds: request.excludeProductIds,
    shopIds: request.shopIds,
    categoryPrefix: request.categoryPrefix,
    minPriceMinor: toNumber(request.minPriceMinor),
    maxPriceMinor: toNumber(request.maxPriceMinor),
    contextProductId: toOptional(request.contextProductId),
    watermark: request.watermark,
  };
}

export function fromRankAnswer(answer: RankAnswer): RankResponse {
  return {
    rankId: answer.rankId,
    items: answer.items.map(fromRankedItem),
    degradationLevel: degradationLevels.toCode(answer.degradationLevel),
    degradationReason: answer.degradationReason,
    modelVersion: answer.modelVersion,
    candidateCount: answer.candidateCount,
    droppedCounts: { ...answer.dropped },
    unknownCandidateCount: answer.unknownCandidateCount,
    answeredAt: toTimestamp(answer.answeredAtMs),
    watermarkState: fromWatermarkOutcome(answer.watermark),
  };
}

function fromRankedItem(item: RankedItem): WireItem {
  return {
    productId: item.productId,
    shopId: item.shopId ?? '',
    score: item.score,
    relevance: item.relevance,
    position: item.position,
    reasons: [...item.reasons],
    sources: [...item.sources],
    adjustments: { ...item.adjustments },
    slotFacts: {
      ...item.slotFacts,
      displacedProductId: item.slotFacts.displacedProductId ?? '',
    },
  };
}

/** @throws InvalidInputError for a served list: only what holds now can be explained. */
export function toExplainRequest({
  userId,
  productId,
  rankId,
  language,
}: WireExplainRequest): ExplainRequest {
  if (rankId !== '') {
    const rule = 'must be empty: what was served cannot be explained yet, only what holds now';
    throw new InvalidInputError({ field: 'rank_id', rule });
  }
  return { userId, productId, language: toLanguage(language) };
}

export function fromExplanation(explanation: ScoreExplanation): ExplainResponse {
  return {
    score: explanation.score,
    relevance: explanation.relevance,
    contributions: [...explanation.contributions],
    reasons: [...explanation.reasons],
    modelVersion: explanation.modelVersion,
    droppedBy: explanation.droppedBy ?? '',
    position: explanation.position ?? 0,
    sources: [...explanation.sources],
    degradationLevel: degradationLevels.toCode(explanation.level),
    degradationReason: explanation.degradationReason,
  };
}
