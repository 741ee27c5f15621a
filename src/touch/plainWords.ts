import { DAY_MS, type EpochMs, HOUR_MS, MINUTE_MS, SECOND_MS } from '../core/time.js';

/** One thing, worded for a person. */
export interface TouchWords {
  readonly en: string;
  readonly zh: string;
}

/** A length of time in the largest unit that it is a whole number of. */
export function lengthWords(ms: number): TouchWords {
  const units = [
    [DAY_MS, 'd', '天'],
    [HOUR_MS, 'h', '小时'],
    [MINUTE_MS, 'min', '分钟'],
    [SECOND_MS, 's', '秒'],
  ] as const;
  const [unitMs, en, zh] = units.find(([unit]) => ms % unit === 0) ?? [1, 'ms', '毫秒'];
  return { en: `${ms / unitMs} ${en}`, zh: `${ms / unitMs} ${zh}` };
}

/** A moment of the past, to the second. */
export function utcWords(atMs: EpochMs): string {
  return `${new Date(atMs).toISOString().slice(0, 19).replace('T', ' ')} (UTC)`;
}
