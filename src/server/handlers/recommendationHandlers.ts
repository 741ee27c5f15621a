import type { RecommendationServiceServer } from '../../gen/tagrank/v1/recommendation.js';
import type { CallContext } from '../callContext.js';
import { fromRankAnswer, toRankRequest } from '../convert/recommendation.js';
import { unaryCall, unimplementedCall } from '../unaryCall.js';

export function recommendationHandlers(context: CallContext): RecommendationServiceServer {
  const { useCases } = context;
  return {
    rank: unaryCall(context, async (request) => fromRankAnswer(await useCases.rank(toRankRequest(request)))),
    explain: unimplementedCall(context, 'Explain comes with later work; Rank gives the reasons of each item'),
  };
}
