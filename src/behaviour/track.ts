import type { Violation } from '../core/errors.js';
import type { Clock } from '../core/time.js';
import type { Behaviour, BehaviourContext, BehaviourToLog, LoggedBehaviour } from './behaviour.js';
import type { AppendOutcome, BehaviourLog } from './behaviourLog.js';

import { type RawBehaviour, validateBehaviour } from './validateBehaviour.js';
import { watermarkOf } from './watermark.js';

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
  /** What a projection needs to know of the other side, as of now; one for each, in order. */
  readonly contextsOf: (behaviours: readonly Behaviour[]) => Promise<readonly BehaviourContext[]>;
  /**
   * Told what has been committed. In embedded mode it resolves when that is counted, so that a caller
   * reads its own writes; elsewhere it wakes those who will count it.
   */
  readonly onLogged: (logged: readonly LoggedBehaviour[]) => Promise<void>;
  readonly clock: Clock;
}

/** Records behaviours: the good ones of a batch are committed before the answer, the bad ones named. */
export function createTrack(deps: TrackDeps): (events: readonly RawBehaviour[]) => Promise<TrackAnswer> {
  return async function track(events) {
    const nowMs = deps.clock.nowMs();
    const outcomes: TrackOutcome[] = [];
    const good: { readonly at: number; readonly behaviour: Behaviour }[] = [];
    for (const [at, raw] of events.entries()) {
      const checked = validateBehaviour(raw, `events[${at}]`, nowMs);
      if (checked.ok) good.push({ at, behaviour: checked.value });
      else outcomes[at] = { status: 'rejected', violations: checked.violations };
    }
    if (good.length === 0) return { outcomes, watermark: watermarkOf(0) };

    const behaviours = good.map(({ behaviour }) => behaviour);
    const contexts = await deps.contextsOf(behaviours);
    const rows = behaviours.map(
      (behaviour, i): BehaviourToLog => ({ behaviour, context: contexts[i] as BehaviourContext }),
    );
    const appended = await deps.log.append(rows);
    const logged: LoggedBehaviour[] = [];
    let lastSeq = 0;
    for (const [i, { at }] of good.entries()) {
      const { status, seq } = appended[i] as AppendOutcome;
      if (status === 'accepted') logged.push({ ...(rows[i] as BehaviourToLog), seq });
      lastSeq = Math.max(lastSeq, seq);
      outcomes[at] = { status };
    }
    await deps.onLogged(logged);
    return { outcomes, watermark: watermarkOf(lastSeq) };
  };
}
