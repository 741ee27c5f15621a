import type { TrackAnswer, TrackOutcome } from '../../behaviour/track.js';
import type { RawBehaviour } from '../../behaviour/validateBehaviour.js';
import { InvalidInputError } from '../../core/errors.js';
import {
  type Behaviour,
  type TrackResponse,
  type TrackResult,
  TrackStatus,
} from '../../gen/tagrank/v1/behaviour.js';
import { BehaviourType } from '../../gen/tagrank/v1/vocabulary.js';
import { toEpochMs, toNumber } from './scalars.js';
import { behaviourTypes } from './vocabulary.js';

const INVALID_ARGUMENT = 3;

export function toRawBehaviour(event: Behaviour): RawBehaviour {
  return {
    eventId: event.eventId,
    type: toRawType(event.type),
    userId: event.userId,
    productId: event.productId,
    shopId: event.shopId,
    occurredAtMs: toEpochMs(event.occurredAt),
    quantity: toNumber(event.quantity),
    priceMinor: toNumber(event.priceMinor),
    currency: event.currency,
    rating: event.rating,
    query: event.query,
    sessionId: event.sessionId,
    dwellMs: toNumber(event.dwellMs),
    rankId: event.rankId,
    position: event.position,
    referrer: event.referrer,
  };
}

/** A code that this version does not know stays wrong, and is not taken for absent. */
function toRawType(type: BehaviourType): string | undefined {
  return type === BehaviourType.UNSPECIFIED ? undefined : (behaviourTypes.toWord(type) ?? `unknown ${type}`);
}

/** `answer` holds one outcome for each of `events`, in order. */
export function toTrackResponse(events: readonly Behaviour[], answer: TrackAnswer): TrackResponse {
  const count = (status: TrackOutcome['status']): number =>
    answer.outcomes.filter((outcome) => outcome.status === status).length;
  return {
    results: answer.outcomes.map((outcome, i) => toTrackResult(events[i]?.eventId ?? '', outcome)),
    acceptedCount: count('accepted'),
    duplicateCount: count('duplicate'),
    rejectedCount: count('rejected'),
    watermark: answer.watermark,
  };
}

function toTrackResult(eventId: string, outcome: TrackOutcome): TrackResult {
  switch (outcome.status) {
    case 'accepted':
      return { eventId, status: TrackStatus.ACCEPTED, code: 0, violations: [] };
    case 'duplicate':
      return { eventId, status: TrackStatus.DUPLICATE, code: 0, violations: [] };
    case 'rejected':
      return {
        eventId,
        status: TrackStatus.REJECTED,
        code: INVALID_ARGUMENT,
        violations: [...outcome.violations],
      };
  }
}

type Outcome = { readonly status: string } | Extract<TrackOutcome, { status: 'rejected' }>;

/**
 * A caller that looks only at the status of its call must not take a batch for recorded of which
 * nothing was.
 *
 * @throws InvalidInputError when there are outcomes and all of them are rejections
 */
export function refuseWhenAllRejected(outcomes: readonly Outcome[]): void {
  const violations = outcomes.flatMap((outcome) => ('violations' in outcome ? outcome.violations : []));
  if (outcomes.length > 0 && outcomes.every(({ status }) => status === 'rejected')) {
    throw new InvalidInputError(violations);
  }
}
