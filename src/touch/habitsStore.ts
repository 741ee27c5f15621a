import type { EpochMs } from '../core/time.js';
import type { StoredHabits } from './habitsBySegment.js';

/**
 * The truth about people's habits: what was believed of segments and from when on, append-only, since
 * what was learned of a person rests on what was believed then. Writes resolve after the commit. All
 * reject with `UnavailableError` when the engine fails.
 */
export interface HabitsStore {
  /** Habits in force from after `fromMs` on, in rising order. */
  since(fromMs: EpochMs): Promise<StoredHabits[]>;
  /**
   * Puts habits into force. Whether it did: not where others come into force after `unlessAfterMs`. So of
   * several servers that look at the same time one has its way.
   */
  append(habits: StoredHabits, options: { unlessAfterMs: EpochMs }): Promise<boolean>;
}
