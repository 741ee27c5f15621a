import type { EpochMs } from '../core/time.js';

const RFC_3339 =
  /^(\d{4})-(\d{2})-(\d{2})[Tt ](\d{2}):(\d{2}):(\d{2})(?:\.(\d+))?(?:[Zz]|([+-])(\d{2}):(\d{2}))$/;

/**
 * A time as RFC 3339 writes it, such as `2024-05-01T09:30:00Z` or `2024-05-01T17:30:00.250+08:00`,
 * or undefined for anything else: no time without its offset, no 30th of February. Digits beyond the
 * millisecond are cut off; a leap second is the first second after it.
 */
export function parseRfc3339(text: string): EpochMs | undefined {
  const match = RFC_3339.exec(text);
  if (match === null) return undefined;
  const part = (at: number): number => Number(match[at] ?? 0);
  const [year, month, day] = [part(1), part(2), part(3)];
  const [hour, minute, second] = [part(4), part(5), part(6)];
  const [offsetHour, offsetMinute] = [part(9), part(10)];
  if (hour > 23 || minute > 59 || second > 60 || offsetHour > 23 || offsetMinute > 59) return undefined;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return undefined;
  const ms = Number((match[7] ?? '').slice(0, 3).padEnd(3, '0'));
  const offsetMs = (match[8] === '-' ? -1 : 1) * (offsetHour * 60 + offsetMinute) * 60_000;
  return date.getTime() + ((hour * 60 + minute) * 60 + second) * 1_000 + ms - offsetMs;
}
