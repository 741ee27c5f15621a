import type { handleBidiStreamingCall, ServerDuplexStream } from '@grpc/grpc-js';
import { InvalidInputError } from '../../core/errors.js';
import type { TrackStreamRequest, TrackStreamResponse } from '../../gen/tagrank/v1/behaviour.js';
import type { CallContext } from '../callContext.js';
import { toRawBehaviour, toTrackResponse } from '../convert/behaviour.js';
import { checkBatch } from '../convert/scalars.js';
import { MalformedRequest } from '../malformedRequest.js';
import { StoppingError } from '../status.js';
import { failure } from '../unaryCall.js';

type Stream = ServerDuplexStream<TrackStreamRequest, TrackStreamResponse>;

/**
 * One message at a time and answers in order: the next is read when the last is durable and its
 * answer is on the way, so a fast sender waits in its own flow-control window and not in our memory.
 */
export function trackStream(
  context: CallContext,
): handleBidiStreamingCall<TrackStreamRequest, TrackStreamResponse> {
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
    const answer = async (message: TrackStreamRequest | MalformedRequest): Promise<void> => {
      messageNumber += 1n;
      await send(stream, { ...(await answerBatch(context, message)), messageNumber });
    };

    context.stopping.addEventListener('abort', stop);
    stream.on('data', (message: TrackStreamRequest | MalformedRequest) => {
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

async function answerBatch(
  { useCases }: CallContext,
  message: TrackStreamRequest | MalformedRequest,
): Promise<Omit<TrackStreamResponse, 'messageNumber'>> {
  try {
    if (message instanceof MalformedRequest) throw message.problem;
    checkBatch('events', message.events);
    const answer = await useCases.track(message.events.map(toRawBehaviour));
    return { ...toTrackResponse(message.events, answer), violations: [] };
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    return {
      results: [],
      acceptedCount: 0,
      duplicateCount: 0,
      rejectedCount: 0,
      watermark: '',
      violations: [...error.violations],
    };
  }
}

/** Resolves when the answer was handed to the transport, or the caller is gone. */
function send(stream: Stream, response: TrackStreamResponse): Promise<void> {
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
