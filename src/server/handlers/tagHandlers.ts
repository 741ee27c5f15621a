import type { TagServiceServer } from '../../gen/tagrank/v1/tag.js';
import type { CallContext } from '../callContext.js';
import { fromMatchReport, fromTagReport, toGetMatchRequest, toGetTagsRequest } from '../convert/tags.js';
import { unaryCall } from '../unaryCall.js';

export function tagHandlers(context: CallContext): TagServiceServer {
  const { useCases } = context;
  return {
    getTags: unaryCall(context, async (request) =>
      fromTagReport(await useCases.getTags(toGetTagsRequest(request))),
    ),
    getMatch: unaryCall(context, async (request) =>
      fromMatchReport(await useCases.getMatch(toGetMatchRequest(request))),
    ),
  };
}
