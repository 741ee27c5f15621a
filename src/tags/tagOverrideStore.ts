import type { EpochMs } from '../core/time.js';
import type { OverrideChange, OverrideKey, OverrideToKeep } from './tagOverride.js';
import type { TagSubject } from './tagReport.js';

/**
 * The truth about overrides: every word ever said, append-only, the last one on each subject and tag
 * being in force. Writes resolve after the commit and are all or nothing for one call. All reject
 * with `UnavailableError` when the engine fails.
 *
 * Seqs rise in the order in which writes become visible: nothing can appear behind one that
 * `changes` or `list` has shown.
 */
export interface TagOverrideStore {
  /**
   * Each key once a call. What is in force already, said by the same person with the same note, changes
   * nothing: so a retry is harmless. Answers how many changed.
   *
   * Throws `FailedPreconditionError`, and keeps nothing of the call, when a subject would break
   * `refuseBrokenBounds`.
   */
  set(overrides: readonly OverrideToKeep[]): Promise<number>;
  /** Leaves these tags to themselves again; what is not overridden is left alone. Answers how many were. */
  delete(
    keys: readonly OverrideKey[],
    word: { readonly setBy: string; readonly setAtMs: EpochMs; readonly note?: string },
  ): Promise<number>;
  /**
   * What is in force, or all that was ever said (`withPast`, deletions included), of one subject or of
   * all, after `afterSeq` in rising seq, at most `limit`.
   */
  list(options: {
    subject?: TagSubject;
    afterSeq: number;
    limit: number;
    withPast?: boolean;
  }): Promise<OverrideChange[]>;
  /**
   * The last words after `afterSeq`, deletions included, in rising seq, at most `limit`; fewer (or none)
   * at the end. Whoever starts at 0 and follows knows what is in force.
   */
  changes(options: { afterSeq: number; limit: number }): Promise<OverrideChange[]>;
}
