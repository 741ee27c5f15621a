import type { Clock, EpochMs } from '../../src/core/time.js';
import { NOON_MS } from './builders.js';

/** A clock that stands still. */
export function fixedClock(nowMs: EpochMs = NOON_MS): Clock {
  return { nowMs: () => nowMs };
}

/** A clock that moves only when told; it may be set back. */
export interface SteppableClock extends Clock {
  stepMs(ms: number): void;
  setMs(nowMs: EpochMs): void;
}

export function steppableClock(startMs: EpochMs = NOON_MS): SteppableClock {
  let nowMs = startMs;
  return {
    nowMs: () => nowMs,
    stepMs: (ms) => {
      nowMs += ms;
    },
    setMs: (ms) => {
      nowMs = ms;
    },
  };
}
