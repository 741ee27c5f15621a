import type { ByHour, HourCounts } from './hourProfile.js';

/** A person who opens clearly more in one half of the waking day. */
export type DayPart = 'morning' | 'evening';

/** Local hours, in and out. Midday belongs to neither. */
const MORNING = { from: 5, to: 12 };
const EVENING = { from: 17, to: 24 };
const Z_95 = 1.96;

export interface RatioInterval {
  readonly low: number;
  readonly high: number;
}

export interface DayPartEvidence {
  /** Absent unless the two 95 % intervals are apart. */
  readonly dayPart?: DayPart;
  readonly morning: RatioInterval;
  readonly evening: RatioInterval;
}

/**
 * Whether somebody is a morning or an evening person, said only when the 95 % intervals (Wilson) of
 * their open ratios do not touch. Decayed counts stand in for counts: they are smaller, so the
 * intervals are if anything too wide.
 */
export function dayPart({ sends, opens }: HourCounts): DayPartEvidence {
  const morning = wilson(sumOf(opens, MORNING), sumOf(sends, MORNING));
  const evening = wilson(sumOf(opens, EVENING), sumOf(sends, EVENING));
  if (morning.low > evening.high) return { dayPart: 'morning', morning, evening };
  if (evening.low > morning.high) return { dayPart: 'evening', morning, evening };
  return { morning, evening };
}

function sumOf(counts: ByHour, { from, to }: { from: number; to: number }): number {
  return counts.slice(from, to).reduce((sum, count) => sum + count, 0);
}

function wilson(hits: number, trials: number): RatioInterval {
  if (!(trials > 0)) return { low: 0, high: 1 };
  const ratio = Math.min(1, hits / trials);
  const spread = Z_95 * Math.sqrt((ratio * (1 - ratio)) / trials + (Z_95 / trials / 2) ** 2);
  const middle = ratio + Z_95 ** 2 / trials / 2;
  const scale = 1 + Z_95 ** 2 / trials;
  return { low: (middle - spread) / scale, high: (middle + spread) / scale };
}
