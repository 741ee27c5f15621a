import { Counter, type Registry } from 'prom-client';
import type { TrackAnswer } from '../behaviour/track.js';
import type { RawBehaviour } from '../behaviour/validateBehaviour.js';
import { DEGRADATION_LEVELS } from '../core/vocabulary.js';
import type { RankAnswer, RankRequest } from '../ranking/rankRequest.js';
import type { CanTouch } from '../touch/canTouch.js';
import type { CanTouchBatch } from '../touch/canTouchBatch.js';
import type { CommitTouch } from '../touch/commitTouch.js';
import type { ReserveTouch } from '../touch/reserveTouch.js';
import type { ReserveTouchBatch } from '../touch/reserveTouchBatch.js';
import type { Observer } from './observer.js';
import { createTouchMetrics } from './touchMetrics.js';

/** The use cases whose answers are counted, among others that pass through. */
export interface MeasuredUseCases {
  track(events: readonly RawBehaviour[]): Promise<TrackAnswer>;
  rank(request: RankRequest): Promise<RankAnswer>;
  readonly touch: {
    readonly canTouch: CanTouch;
    readonly canTouchBatch: CanTouchBatch;
    readonly reserveTouch: ReserveTouch;
    readonly reserveTouchBatch: ReserveTouchBatch;
    readonly commitTouch: CommitTouch;
  };
}

export interface UseCaseMetrics extends Pick<Observer, 'onDegraded'> {
  /** The same use cases, their answers counted. */
  measure<All extends MeasuredUseCases>(useCases: All): All;
}

const TRACK_OUTCOMES = ['accepted', 'duplicate', 'rejected'] as const;

export function createUseCaseMetrics(registry: Registry): UseCaseMetrics {
  const registers = [registry];
  const events = new Counter({
    name: 'tagrank_tracked_events_total',
    help: 'Events that were answered, by what became of them.',
    labelNames: ['outcome'],
    registers,
  });
  const ranks = new Counter({
    name: 'tagrank_ranks_total',
    help: 'Answered rank requests by degradation level.',
    labelNames: ['level'],
    registers,
  });
  const degraded = new Counter({
    name: 'tagrank_rank_degraded_total',
    help: 'Stages of ranking that failed and were done without.',
    labelNames: ['stage'],
    registers,
  });
  for (const outcome of TRACK_OUTCOMES) events.inc({ outcome }, 0);
  for (const level of DEGRADATION_LEVELS) ranks.inc({ level }, 0);
  const touches = createTouchMetrics(registry);

  return {
    onDegraded: (stage) => degraded.inc({ stage }),
    measure(useCases) {
      return {
        ...useCases,
        async track(given: readonly RawBehaviour[]) {
          const answer = await useCases.track(given);
          for (const { status } of answer.outcomes) events.inc({ outcome: status });
          return answer;
        },
        async rank(request: RankRequest) {
          const answer = await useCases.rank(request);
          ranks.inc({ level: answer.degradationLevel });
          return answer;
        },
        touch: { ...useCases.touch, ...touches.measure(useCases.touch) },
      };
    },
  };
}
