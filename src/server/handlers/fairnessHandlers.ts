import type { FairnessServiceServer } from '../../gen/tagrank/v1/fairness.js';
import type { CallContext } from '../callContext.js';
import { fromFairnessReport } from '../convert/fairness.js';
import { toNumber } from '../convert/scalars.js';
import { unaryCall } from '../unaryCall.js';

export function fairnessHandlers(context: CallContext): FairnessServiceServer {
  const { useCases } = context;
  return {
    getFairness: unaryCall(context, async ({ windowMs }) =>
      fromFairnessReport(await useCases.getFairness({ windowMs: toNumber(windowMs) ?? 0 })),
    ),
  };
}
