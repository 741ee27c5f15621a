import type { BehaviourServiceServer } from '../../gen/tagrank/v1/behaviour.js';
import type { CallContext } from '../callContext.js';
import { refuseWhenAllRejected, toRawBehaviour, toTrackResponse } from '../convert/behaviour.js';
import { checkBatch } from '../convert/scalars.js';
import { unaryCall } from '../unaryCall.js';
import { trackStream } from './trackStream.js';

export function behaviourHandlers(context: CallContext): BehaviourServiceServer {
  const { useCases } = context;
  return {
    track: unaryCall(context, async ({ events }) => {
      checkBatch('events', events);
      const answer = await useCases.track(events.map(toRawBehaviour));
      refuseWhenAllRejected(answer.outcomes);
      return toTrackResponse(events, answer);
    }),
    trackStream: trackStream(context),
  };
}
