import { median } from 'simple-statistics';

/** One scoring of a list by the model that ranks. */
export interface Scoring {
  readonly version: string;
  readonly failed: boolean;
  readonly ms: number;
}

/** Of so many scorings the last are looked at. */
const WINDOW = 200;
/** Between two looks at the medians. */
const LOOK_EVERY = 50;
/** So many of them failed: more than a hiccup, and found within seconds. */
const MOST_FAILED = 20;
/** A model slower than this many times the one before it is too slow… */
const SLOWER = 3;
/** …unless its median is below this many milliseconds all the same. */
const FAST_ENOUGH_MS = 2;

/**
 * Watches how a model serves, and says why it must not go on: it fails, or it is much slower than the one that
 * served before it. Medians, so that a busy machine alone condemns no model.
 */
export class ModelGuard {
  #version: string | undefined;
  #scorings: Scoring[] = [];
  #noted = 0;
  #medianBefore: number | undefined;

  /** Takes a scoring in; answers the reason in words where the model is to be taken back. */
  note(scoring: Scoring): string | undefined {
    if (scoring.version !== this.#version) {
      this.#medianBefore = this.#scorings.length < WINDOW ? undefined : this.#median();
      this.#version = scoring.version;
      this.#scorings = [];
      this.#noted = 0;
    }
    this.#scorings.push(scoring);
    this.#noted += 1;
    if (this.#scorings.length > WINDOW) this.#scorings.shift();
    if (scoring.failed) return this.#failing();
    return this.#noted >= WINDOW && this.#noted % LOOK_EVERY === 0 ? this.#slow() : undefined;
  }

  #failing(): string | undefined {
    const failed = this.#scorings.filter((scoring) => scoring.failed).length;
    return failed < MOST_FAILED
      ? undefined
      : `${failed} of its last ${this.#scorings.length} scorings failed`;
  }

  #slow(): string | undefined {
    const [before, now] = [this.#medianBefore, this.#median()];
    if (before === undefined || now < FAST_ENOUGH_MS || now < SLOWER * before) return undefined;
    return `it takes ${now.toFixed(1)} ms for a list at the median, the one before it took ${before.toFixed(1)}`;
  }

  #median(): number {
    const done = this.#scorings.filter(({ failed }) => !failed).map(({ ms }) => ms);
    return done.length === 0 ? 0 : median(done);
  }
}
