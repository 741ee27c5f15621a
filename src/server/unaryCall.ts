import type { handleUnaryCall, ServerUnaryCall, sendUnaryData } from '@grpc/grpc-js';
import type { CallContext } from './callContext.js';
import { MalformedRequest } from './malformedRequest.js';
import { type PublicStatus, toStatus, UnimplementedError } from './status.js';

/**
 * Makes a gRPC handler of a function from request to response: counts it as in flight, turns what
 * it throws into a status, logs faults of ours with their cause. A call that was cancelled or ran
 * out of time before its turn is not begun.
 */
export function unaryCall<Request, Response>(
  context: CallContext,
  run: (request: Request) => Promise<Response>,
): handleUnaryCall<Request, Response> {
  return (call: ServerUnaryCall<Request, Response>, answer: sendUnaryData<Response>) => {
    if (call.cancelled) return;
    void context.inFlight.run(async () => {
      try {
        const request: Request | MalformedRequest = call.request;
        if (request instanceof MalformedRequest) throw request.problem;
        answer(null, await run(request));
      } catch (error) {
        answer(failure(context, { error, method: call.getPath() }));
      }
    });
  };
}

/** A call of the contract that later work fills. */
export function unimplementedCall<Request, Response>(
  context: CallContext,
  reason: string,
): handleUnaryCall<Request, Response> {
  return unaryCall(context, () => Promise.reject(new UnimplementedError(reason)));
}

/** The status of an error, logged when it is ours to mend. */
export function failure(
  { logger }: Pick<CallContext, 'logger'>,
  { error, method }: { error: unknown; method: string },
): PublicStatus {
  const status = toStatus(error);
  if (status.isFault) logger.error({ err: error, method, code: status.code }, 'call failed');
  return status;
}
