import type { BehaviourToLog, LoggedBehaviour } from './behaviour.js';

/** What became of one behaviour handed to `append`. */
export type AppendOutcome =
  | { readonly status: 'accepted'; readonly seq: number }
  /** The same `eventId` is in the log already; `seq` is that of the first one. */
  | { readonly status: 'duplicate'; readonly seq: number };

/**
 * The durable log of behaviours: the truth from which every vector can be rebuilt.
 *
 * - `append` resolves only after the commit: what it answered survives a kill at any moment. It
 *   is all or nothing for one call, and concurrent calls may share a transaction. A retry with
 *   the same events answers `duplicate` and changes nothing; the same `eventId` twice within a
 *   call is one `accepted` and one `duplicate`. Outcomes come in the order given.
 * - Concurrent appends never deadlock; on an engine failure the promise rejects with
 *   `UnavailableError` and nothing of the call is in the log, or (lost answer) all of it.
 * - `read` yields behaviours with `seq > afterSeq` in rising order, each exactly once, and only
 *   below the oldest write still under way, so that nothing can appear behind a checkpoint.
 */
export interface BehaviourLog {
  append(behaviours: readonly BehaviourToLog[]): Promise<AppendOutcome[]>;
  /** At most `limit` behaviours; fewer (or none) at the end of the log. */
  read(options: { afterSeq: number; limit: number }): Promise<LoggedBehaviour[]>;
  /** The highest seq that `read` would yield now, 0 for an empty log. */
  lastSeq(): Promise<number>;
  /** How many behaviours the log holds: the total for a progress bar. */
  count(): Promise<number>;
}
