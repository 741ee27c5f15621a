import type { EpochMs } from '../core/time.js';
import type { TouchPolicy } from './touchPolicy.js';

/** A policy that was in force from `storedAtMs` on. */
export interface StoredTouchPolicy {
  /** Its `version` is the one it was stored under. */
  readonly policy: TouchPolicy;
  readonly storedAtMs: EpochMs;
}

/**
 * The truth about touch policies: every version that was ever in force, append-only. Writes resolve
 * after the commit. All reject with `UnavailableError` when the engine fails.
 */
export interface TouchPolicyStore {
  /** The version in force, the highest; undefined while none was ever stored. */
  latest(): Promise<StoredTouchPolicy | undefined>;
  /** A version of the past, for asking why an old decision fell as it did. */
  get(version: number): Promise<StoredTouchPolicy | undefined>;
  /** Versions above `version` by which something is learned, in rising order. */
  learningSince(version: number): Promise<StoredTouchPolicy[]>;
  /**
   * Puts the next version into force. Its `version` is one above the latest; the first may have any.
   * Throws `FailedPreconditionError`, and stores nothing, when another came first: of two writers
   * that start from the same version one wins, and the other looks again. A lost answer followed by
   * a retry is refused the same way: look whether the latest is one's own.
   */
  append(policy: TouchPolicy, storedAtMs: EpochMs): Promise<void>;
}
