import type { EpochMs } from '../core/time.js';

/** A shop as the truth keeps it. */
export interface Shop {
  readonly shopId: string;
  /** Empty when unknown. */
  readonly name: string;
  readonly category?: string;
  readonly region?: string;
  readonly createdAtMs?: EpochMs;
}
