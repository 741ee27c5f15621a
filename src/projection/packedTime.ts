import { type EpochMs, SECOND_MS } from '../core/time.js';
import type { ByteReader, ByteWriter } from './bytes.js';

/** A way to write a time: whole units since a moment, in so many bytes. */
export interface TimeForm {
  readonly sinceMs: EpochMs;
  readonly unitMs: number;
  readonly width: number;
}

/** What imported histories and coarse clocks give; until 2126. */
export const SECONDS: TimeForm = { sinceMs: Date.UTC(1990, 0, 1), unitMs: SECOND_MS, width: 4 };
/** What phones and browsers give; until November 2049. */
export const MILLIS: TimeForm = { sinceMs: Date.UTC(2015, 0, 1), unitMs: 1, width: 5 };
/** Everything else after 1990. */
export const WIDE_MILLIS: TimeForm = { sinceMs: Date.UTC(1990, 0, 1), unitMs: 1, width: 6 };

/** The first of the forms, narrowest first, that holds a time to the millisecond. */
export function formOfTime(ms: EpochMs): TimeForm {
  if (ms % SECOND_MS === 0 && holds(SECONDS, ms)) return SECONDS;
  if (holds(MILLIS, ms)) return MILLIS;
  if (holds(WIDE_MILLIS, ms)) return WIDE_MILLIS;
  throw new RangeError(`a time of ${ms} ms cannot be packed`);
}

function holds({ sinceMs, unitMs, width }: TimeForm, ms: EpochMs): boolean {
  return ms >= sinceMs && (ms - sinceMs) / unitMs < 256 ** width;
}

export function writeTime(to: ByteWriter, ms: EpochMs, { sinceMs, unitMs, width }: TimeForm): void {
  to.uint((ms - sinceMs) / unitMs, width);
}

export function readTime(from: ByteReader, { sinceMs, unitMs, width }: TimeForm): EpochMs {
  return sinceMs + from.uint(width) * unitMs;
}
