import type { Clock, EpochMs } from '../../core/time.js';

/** The demo's own time: it stands still but when a scene moves it on. */
export class DemoClock implements Clock {
  #nowMs: EpochMs;

  constructor(nowMs: EpochMs) {
    this.#nowMs = nowMs;
  }

  nowMs(): EpochMs {
    return this.#nowMs;
  }

  moveTo(atMs: EpochMs): void {
    this.#nowMs = atMs;
  }

  pass(ms: number): void {
    this.#nowMs += ms;
  }
}
