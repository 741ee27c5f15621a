import type { EpochMs } from '../core/time.js';
import { DEFAULT_HABITS, type Habits } from './habits.js';

/** What is believed of people like somebody: at every moment that was, and as far ahead as it is settled. */
export interface HabitsCourse {
  at(atMs: EpochMs): Habits;
  /** When other habits come into force after a moment; undefined where none are known yet. */
  nextAfter(atMs: EpochMs): EpochMs | undefined;
}

/** The same at all times. */
export function unchangingHabits(habits: Habits): HabitsCourse {
  return { at: () => habits, nextAfter: () => undefined };
}

export const UNKNOWN_HABITS = unchangingHabits(DEFAULT_HABITS);
