import type { Violation } from '../core/errors.js';
import type { Clock } from '../core/time.js';
import type { Behaviour, BehaviourContext, BehaviourToLog, LoggedBehaviour } from './behaviour.js';
import type { BehaviourLog } from './behaviourLog.js';
import type { Projection } from './projection.js';
import { type RawBehaviour, validateBehaviour } from './validateBehaviour.js';

/** What became of one event of a `track` call. */
export type TrackOutcome =
  | { readonly status: 'accepted' }
  | { readonly status: 'duplicate' }
  | { readonly status: 'rejected'; readonly violations: readonly Violation[] };

export interface TrackAnswer {
  /** One for each event, in order. */
  readonly outcomes: readonly TrackOutcome[];
  /** Opaque; a later `Rank` or `GetTags` with it sees these events. */
  readonly watermark: string;
}

export interface TrackDeps {
  readonly log: BehaviourLog;
  readonly projection: Projection;
  /** What a projection needs to know of the other side, as of now. */
  readonly contextOf: (behaviour: Behaviour) => BehaviourContext;
  readonly clock: Clock;
}

/**
 * Records behaviours: the good ones of a batch are committed before the answer, the bad ones named.
 * What was accepted is projected before the answer too, so that in embedded mode a caller reads
 * its own writes.
 */
export function createTrack(deps: TrackDeps): (events: readonly RawBehaviour[]) => Promise<TrackAnswer> {
  return async function track(events) {
    const nowMs = deps.clock.nowMs();
    const outcomes: TrackOutcome[] = [];
    const good: { readonly at: number; readonly row: BehaviourToLog }[] = [];
    for (const [at, raw] of events.entries()) {
      const checked = validateBehaviour(raw, `events[${at}]`, nowMs);
      if (checked.ok)
        good.push({ at, row: { behaviour: checked.value, context: deps.contextOf(checked.value) } });
      else outcomes[at] = { status: 'rejected', violations: checked.violations };
    }
    const logged: LoggedBehaviour[] = [];
    if (good.length > 0) {
      const appended = await deps.log.append(good.map(({ row }) => row));
      for (const [i, { at, row }] of good.entries()) {
        const outcome = appended[i];
        if (outcome?.status === 'accepted') logged.push({ ...row, seq: outcome.seq });
        outcomes[at] = { status: outcome?.status ?? 'duplicate' };
      }
    }
    await deps.projection.apply(logged);
    return { outcomes, watermark: String(deps.projection.appliedSeq()) };
  };
}
