import type { handleBidiStreamingCall } from '@grpc/grpc-js';
import type { TrackStreamRequest, TrackStreamResponse } from '../../gen/tagrank/v1/behaviour.js';
import { batchStream } from '../batchStream.js';
import type { CallContext } from '../callContext.js';
import { toRawBehaviour, toTrackResponse } from '../convert/behaviour.js';
import { checkBatch } from '../convert/scalars.js';

/** `Track` for batch after batch, each durable before it is answered. */
export function trackStream(
  context: CallContext,
): handleBidiStreamingCall<TrackStreamRequest, TrackStreamResponse> {
  return batchStream(context, {
    async answer({ events }: TrackStreamRequest): Promise<TrackStreamResponse> {
      checkBatch('events', events);
      const answer = await context.useCases.track(events.map(toRawBehaviour));
      return { ...toTrackResponse(events, answer), messageNumber: 0n, violations: [] };
    },
    refuse: (violations) => ({
      results: [],
      acceptedCount: 0,
      duplicateCount: 0,
      rejectedCount: 0,
      watermark: '',
      messageNumber: 0n,
      violations: [...violations],
    }),
  });
}
