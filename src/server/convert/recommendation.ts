import type {
  RankResponse,
  RankedItem as WireItem,
  RankRequest as WireRequest,
} from '../../gen/tagrank/v1/recommendation.js';
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
  };
}
