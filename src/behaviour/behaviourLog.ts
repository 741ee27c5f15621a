import type { BehaviourToLog, LoggedBehaviour } from './behaviour.js';

/** What became of one behaviour handed to `append`. */
export type AppendOutcome =
  | { readonly status: 'accepted'; readonly seq: number }
  /** The same `eventId` is in the log already; `seq` is that of the first one. */
  | { readonly status: 'duplicate'; readonly seq: number };

/** The behaviours of one user id, in rising seq. */
export interface UserHistory {
  readonly userId: string;
  readonly behaviours: readonly LoggedBehaviour[];
}

/** At most as many behaviours of one user stand in one `UserHistory`; it bounds what a reader holds. */
export const MAX_BEHAVIOURS_A_HISTORY = 5_000;

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
 *   below the oldest write still under way, so that nothing can appear behind a checkpoint. So
 *   does every other reader here: what is said of the log up to a seq that was once read stays true.
 * - People lie in partitions (`partitionOf` of the user id): a reader that names some of them sees
 *   what the others' behaviours leave out, with the same seqs.
 */
export interface BehaviourLog {
  append(behaviours: readonly BehaviourToLog[]): Promise<AppendOutcome[]>;
  /**
   * At most `limit` behaviours, of these partitions or of all; fewer (or none) at the end of the
   * log. An empty list of partitions has none.
   */
  read(options: {
    afterSeq: number;
    limit: number;
    partitions?: readonly number[];
  }): Promise<LoggedBehaviour[]>;
  /**
   * All that these user ids did, from after `afterSeq` (0) to `throughSeq`, in rising seq over all of
   * them. Costs what it answers, however long the log is.
   */
  readOfUsers(options: {
    userIds: readonly string[];
    throughSeq: number;
    afterSeq?: number;
  }): Promise<LoggedBehaviour[]>;
  /**
   * The histories of a partition's users up to `throughSeq`, by user id (in bytes), in pages; users
   * without any are left out. Memory stays flat: a user with more than `MAX_BEHAVIOURS_A_HISTORY`
   * behaviours comes as several histories one after the other, each continuing the one before, all
   * but the last of them full.
   */
  historiesOf(options: { partition: number; throughSeq: number }): AsyncIterable<UserHistory[]>;
  /** The highest seq that `read` would yield now, 0 for an empty log. */
  lastSeq(): Promise<number>;
  /** How many behaviours the log holds: the total for a progress bar. */
  count(): Promise<number>;
  /** How many of them are of these partitions and not above `throughSeq`. */
  countOf(options: { partitions: readonly number[]; throughSeq: number }): Promise<number>;
}
