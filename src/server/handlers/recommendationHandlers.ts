import type { RecommendationServiceServer } from '../../gen/tagrank/v1/recommendation.js';
import type { CallContext } from '../callContext.js';
import {
  fromExplanation,
  fromRankAnswer,
  toExplainRequest,
  toRankRequest,
} from '../convert/recommendation.js';
import { unaryCall } from '../unaryCall.js';

export function recommendationHandlers(context: CallContext): RecommendationServiceServer {
  const { useCases } = context;
  return {
    rank: unaryCall(context, async (request) => fromRankAnswer(await useCases.rank(toRankRequest(request)))),
    recordImpressions: unaryCall(context, (request) => useCases.recordImpressions(request)),
    explain: unaryCall(context, async (request) =>
      fromExplanation(await useCases.explain(toExplainRequest(request))),
    ),
  };
}
