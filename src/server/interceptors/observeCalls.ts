import {
  ResponderBuilder,
  ServerInterceptingCall,
  type ServerInterceptor,
  ServerListenerBuilder,
  status,
} from '@grpc/grpc-js';
import type { Logger } from 'pino';

/** A call that takes longer is worth a line in the log. A stream is not: its length is its caller's. */
export const SLOW_CALL_MS = 250;

/** A call that was answered, or whose caller went away. */
export interface EndedCall {
  /** Its path: `/tagrank.v1.RecommendationService/Rank`. */
  readonly method: string;
  /** In words: `OK`, `CANCELLED`… */
  readonly status: string;
  readonly durationMs: number;
}

export interface CallObserver {
  readonly logger: Logger;
  /** Milliseconds that only rise. */
  readonly nowMs: () => number;
  /** Told of every call once, when it ends. */
  readonly onCall?: (call: EndedCall) => void;
}

/**
 * Logs slow calls, calls that failed, and calls whose caller went away, with method, code and
 * duration. What the caller did wrong is `debug`, for it is the caller's to mend.
 */
export function observeCalls({ logger, nowMs, onCall }: CallObserver): ServerInterceptor {
  return (method, call) => {
    const startedMs = nowMs();
    let ended = false;
    const end = (code: status): void => {
      if (ended) return;
      ended = true;
      const elapsedMs = nowMs() - startedMs;
      onCall?.({ method: method.path, status: status[code], durationMs: elapsedMs });
      const durationMs = Math.round(elapsedMs);
      const facts = { method: method.path, code: status[code], durationMs };
      const isStream = method.requestStream || method.responseStream;
      if (code !== status.OK) logger[levelOf(code)](facts, 'call not answered');
      else if (durationMs > SLOW_CALL_MS && !isStream) logger.warn(facts, 'slow call');
    };
    const listener = new ServerListenerBuilder().withOnCancel(() => end(status.CANCELLED)).build();
    return new ServerInterceptingCall(
      call,
      new ResponderBuilder()
        .withStart((next) => next(listener))
        .withSendStatus((sent, next) => {
          end(sent.code ?? status.UNKNOWN);
          next(sent);
        })
        .build(),
    );
  };
}

function levelOf(code: status): 'debug' | 'info' | 'warn' {
  switch (code) {
    case status.INVALID_ARGUMENT:
    case status.NOT_FOUND:
    case status.FAILED_PRECONDITION:
    case status.UNIMPLEMENTED:
      return 'debug';
    case status.CANCELLED:
      return 'info';
    default:
      return 'warn';
  }
}
