import type { TagServiceServer } from '../../gen/tagrank/v1/tag.js';
import type { CallContext } from '../callContext.js';
import {
  fromOverrideList,
  toDeleteOverrides,
  toListOverrides,
  toSetOverrides,
} from '../convert/tagOverrides.js';
import {
  fromMatchReport,
  fromTagExplanation,
  fromTagReport,
  toExplainTagRequest,
  toGetMatchRequest,
  toGetTagsRequest,
} from '../convert/tags.js';
import { unaryCall } from '../unaryCall.js';

export function tagHandlers(context: CallContext): TagServiceServer {
  const { useCases } = context;
  return {
    getTags: unaryCall(context, async (request) =>
      fromTagReport(await useCases.getTags(toGetTagsRequest(request))),
    ),
    explainTag: unaryCall(context, async (request) =>
      fromTagExplanation(await useCases.explainTag(toExplainTagRequest(request))),
    ),
    getMatch: unaryCall(context, async (request) =>
      fromMatchReport(await useCases.getMatch(toGetMatchRequest(request))),
    ),
    setTagOverrides: unaryCall(context, async (request) => ({
      changedCount: await useCases.tagOverrides.set(toSetOverrides(request)),
    })),
    deleteTagOverrides: unaryCall(context, async (request) => ({
      deletedCount: await useCases.tagOverrides.delete(toDeleteOverrides(request)),
    })),
    listTagOverrides: unaryCall(context, async (request) =>
      fromOverrideList(await useCases.tagOverrides.list(toListOverrides(request))),
    ),
  };
}
