import type { EpochMs } from '../core/time.js';
import type { Traits } from '../core/traits.js';
import { DEFAULT_HABITS, type Habits } from './habits.js';

/** The habits of all segments, in force from a moment on until others are. */
export interface StoredHabits {
  readonly fromMs: EpochMs;
  /** Everybody's first; at most `MAX_SEGMENTS`, each once. */
  readonly segments: readonly Habits[];
}

/** Segments of which habits are kept, those of most people: a few kilobytes at every server. */
export const MAX_SEGMENTS = 64;

/**
 * Whom somebody is like: the people who told the same age band and gender, then those of the same age
 * band, those of the same gender, and everybody.
 */
export function segmentsOf({ age_band: ageBand, gender }: Traits): string[] {
  const [age, sex] = [ageBand && `age_band=${ageBand}`, gender && `gender=${gender}`];
  return [age && sex && `${age}, ${sex}`, age, sex, ''].filter((segment) => segment !== undefined);
}

/** The habits of the closest segment that has any. */
export function habitsOf({ segments }: Pick<StoredHabits, 'segments'>, traits: Traits): Habits {
  for (const segment of segmentsOf(traits)) {
    const found = segments.find((habits) => habits.segment === segment);
    if (found !== undefined) return found;
  }
  return DEFAULT_HABITS;
}
