import type { handleBidiStreamingCall, ServerDuplexStream } from '@grpc/grpc-js';
import { InvalidInputError, type Violation } from '../core/errors.js';
import type { CallContext } from './callContext.js';
import { MalformedRequest } from './malformedRequest.js';
import { StoppingError } from './status.js';
import { failure } from './unaryCall.js';

/** How the messages of a stream are answered, each by one. */
export interface BatchAnswers<Request, Response> {
  /** Throws `InvalidInputError` when the message is bad as a whole; anything else ends the stream. */
  answer(message: Request): Promise<Response>;
  /** The answer to a message that is bad as a whole. */
  refuse(violations: readonly Violation[]): Response;
}

/**
 * One message at a time and answers in order: the next is read when the work on the last is done and
 * its answer is on the way, so a fast sender, or one that does not read, waits in its own flow-control
 * window and not in our memory. The stream numbers the answers.
 */
export function batchStream<Request, Response extends { messageNumber: bigint }>(
  context: CallContext,
  answers: BatchAnswers<Request, Response>,
): handleBidiStreamingCall<Request, Response> {
  return (stream) => {
    let busy = false;
    let ended = false;
    let callerIsDone = false;
    let messageNumber = 0n;

    const end = (error?: unknown): void => {
      if (ended) return;
      ended = true;
      context.stopping.removeEventListener('abort', stop);
      if (error === undefined) stream.end();
      else stream.emit('error', failure(context, { error, method: stream.getPath() }));
    };
    const stop = (): void => {
      if (!busy) end(new StoppingError());
    };
    const answer = async (message: Request | MalformedRequest): Promise<void> => {
      messageNumber += 1n;
      await send(stream, { ...(await answerOne(message, answers)), messageNumber });
    };

    context.stopping.addEventListener('abort', stop);
    stream.on('data', (message: Request | MalformedRequest) => {
      if (ended) return;
      busy = true;
      stream.pause();
      context.inFlight
        .run(() => answer(message))
        .then(() => {
          busy = false;
          if (callerIsDone) end();
          else if (context.stopping.aborted) end(new StoppingError());
          else stream.resume();
        }, end);
    });
    // Comes right after the last message, while that one is still worked on.
    stream.on('end', () => {
      callerIsDone = true;
      if (!busy) end();
    });
    stream.on('cancelled', () => {
      ended = true;
      context.stopping.removeEventListener('abort', stop);
    });
    if (context.stopping.aborted) stop();
  };
}

async function answerOne<Request, Response>(
  message: Request | MalformedRequest,
  { answer, refuse }: BatchAnswers<Request, Response>,
): Promise<Response> {
  try {
    if (message instanceof MalformedRequest) throw message.problem;
    return await answer(message);
  } catch (error) {
    if (error instanceof InvalidInputError) return refuse(error.violations);
    throw error;
  }
}

/** Resolves when the answer was handed to the transport, or the caller is gone. */
function send<Request, Response>(
  stream: ServerDuplexStream<Request, Response>,
  response: Response,
): Promise<void> {
  if (stream.cancelled) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      stream.off('close', done);
      resolve();
    };
    stream.once('close', done);
    stream.write(response, done);
  });
}
