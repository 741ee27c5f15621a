import { InvalidInputError } from '../core/errors.js';

/** Opaque to callers: the seq up to which the log was written when their events were acknowledged. */
export function watermarkOf(seq: number): string {
  return String(seq);
}

/** The seq of a watermark, undefined for the empty one; throws `InvalidInputError` for anything else. */
export function seqOfWatermark(watermark: string): number | undefined {
  if (watermark === '') return undefined;
  const seq = Number(watermark);
  if (!/^\d{1,16}$/.test(watermark) || !Number.isSafeInteger(seq)) {
    throw new InvalidInputError({ field: 'watermark', rule: 'must be one that Track gave' });
  }
  return seq;
}
