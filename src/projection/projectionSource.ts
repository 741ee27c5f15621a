import type { LoggedBehaviour } from '../behaviour/behaviour.js';
import type { Learner } from '../touch/learner.js';
import type { LoggedTouchEntry } from '../touch/touchLedger.js';

/** The profile of one user id, as of a change of the truth. */
export interface ProfileChange {
  readonly seq: number;
  readonly userId: string;
  /** `encodeProfile`. */
  readonly profile: string;
}

/** A page of a stream of the truth. */
export interface SourcePage {
  readonly afterSeq: number;
  readonly limit: number;
  /** Only rows of these partitions; all when absent. */
  readonly partitions?: readonly number[];
}

/**
 * The truth, as a projector reads it: three streams, each in an order in which nothing can appear
 * behind what was read. All reject with `UnavailableError` when the truth cannot be read.
 */
export interface ProjectionSource {
  /** Behaviours with `seq > afterSeq`, in rising order, ready to be packed. */
  readBehaviours(page: SourcePage): Promise<LoggedBehaviour[]>;
  lastBehaviourSeq(): Promise<number>;
  /** The same behaviour always gives the same bytes. */
  pack(behaviour: LoggedBehaviour): Uint8Array;
  /** Changed profiles with `seq > afterSeq`, each id once, at its latest change. */
  readProfiles(page: Omit<SourcePage, 'partitions'>): Promise<ProfileChange[]>;
  readTouches(page: SourcePage): Promise<LoggedTouchEntry[]>;
  lastTouchSeq(): Promise<number>;
  /** Brings ledger entries into the touch logs; what they know already changes nothing. */
  restoreTouches(entries: readonly LoggedTouchEntry[]): Promise<void>;
  /** Learns anew of people's patience and hours, into the touch logs. */
  readonly learner: Learner;
}
