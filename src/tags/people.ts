import type { EpochMs } from '../core/time.js';
import type { Traits } from '../core/traits.js';
import { spendingTrait } from './spending.js';
import type { UserState } from './userState.js';

/** What is known of a person at the moment of a request. */
export interface Person {
  /** What their behaviours taught; undefined when there are none. Not to be changed, nor kept beyond the request. */
  readonly state: UserState | undefined;
  /** The traits that the caller told. */
  readonly told: Traits;
  /** The id that the person is named after; absent while the id asked for is a person of its own. */
  readonly personId?: string;
  /** All ids of the person; absent while the id asked for is a person of its own. */
  readonly memberIds?: readonly string[];
  /** Behaviours of the log up to this seq are counted. */
  readonly appliedSeq: number;
}

/**
 * People as a request needs them, one read each. Of an unknown user everything is empty. An id that
 * was linked to others reads as the whole person (T7). Rejects with `UnavailableError` when the
 * state cannot be read in time.
 */
export interface People {
  readPerson(userId: string): Promise<Person>;
}

/** Told traits and, when behaviour speaks for one, the spending level. */
export function traitsOf({ told, state }: Pick<Person, 'told' | 'state'>, nowMs: EpochMs): Traits {
  const spending = state === undefined ? undefined : spendingTrait(state.spending, nowMs);
  return spending === undefined ? told : { ...told, spending_level: spending };
}
