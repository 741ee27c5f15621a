import type { ModelServiceServer } from '../../gen/tagrank/v1/model.js';
import type { CallContext } from '../callContext.js';
import { fromModelList } from '../convert/models.js';
import { unaryCall } from '../unaryCall.js';

export function modelHandlers(context: CallContext): ModelServiceServer {
  const { models } = context.useCases;
  return {
    addModel: unaryCall(context, ({ manifestJson: manifest, model, addedBy }) =>
      models.add({ manifest, model, addedBy }),
    ),
    listModels: unaryCall(context, async () => fromModelList(await models.list())),
    activateModel: unaryCall(context, async (request) => ({ changed: await models.activate(request) })),
    shadowModel: unaryCall(context, async (request) => ({ changed: await models.shadow(request) })),
    rollbackModel: unaryCall(context, async (request) => ({
      version: (await models.rollBack(request)) ?? '',
    })),
  };
}
