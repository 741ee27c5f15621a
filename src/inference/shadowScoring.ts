import { sampleRankCorrelation } from 'simple-statistics';
import { logistic } from '../core/odds.js';
import type { Model } from './model.js';

/** A list that the active model has scored. */
export interface ScoredList {
  readonly version: string;
  /** As the model was given it; not to be changed afterwards. */
  readonly matrix: Float32Array;
  /** What the model gave each row. */
  readonly logOdds: Float32Array;
}

/** How a shadow compares with the model that ranks, on live requests since both have their roles. */
export interface ShadowReport {
  readonly version: string;
  readonly against: string;
  /** Lists that both scored. */
  readonly lists: number;
  /** Lists that the shadow could not score. */
  readonly failures: number;
  /** Mean absolute difference of the relevance of a candidate, 0 to 1. */
  readonly scoreDifference: number;
  /** Mean over lists of Spearman's rank correlation over all candidates, -1 to 1. */
  readonly rankCorrelation: number;
  /** Mean over lists of the part of the ten best that both have among their ten best, 0 to 1. */
  readonly topOverlapRatio: number;
  /** Mean time of scoring a list, in milliseconds. */
  readonly meanMs: number;
}

/** Of the ten best of a list, or of all where it is shorter. */
const TOP = 10;
/** A rank correlation needs some. */
const LEAST_ROWS = 3;

export interface ShadowScoringDeps {
  readonly shadow: () => Model | undefined;
  /** Which part of the lists is scored twice, 0 to 1. */
  readonly sampleRatio: number;
  readonly random: () => number;
  /** Runs something once the answer is out. */
  readonly later: (work: () => void) => void;
  readonly elapsedMs: () => number;
}

interface Sums {
  readonly version: string;
  readonly against: string;
  lists: number;
  failures: number;
  difference: number;
  correlation: number;
  overlap: number;
  ms: number;
}

/**
 * Scores a sample of live lists with the shadow as well, after they were answered and one at a time, and adds up
 * how far it agrees. A model runs on the thread that answers: what it takes is taken from the next request, so the
 * sample is small.
 */
export class ShadowScoring {
  readonly #deps: ShadowScoringDeps;
  #sums: Sums | undefined;
  #isBusy = false;

  constructor(deps: ShadowScoringDeps) {
    this.#deps = deps;
  }

  offer(list: ScoredList): void {
    const { shadow, sampleRatio, random, later } = this.#deps;
    const model = shadow();
    if (model === undefined || this.#isBusy || list.logOdds.length < LEAST_ROWS) return;
    if (random() >= sampleRatio) return;
    this.#isBusy = true;
    later(() => {
      void this.#compare(model, list).finally(() => {
        this.#isBusy = false;
      });
    });
  }

  /** Undefined while there is no shadow, or nothing was scored. */
  report(): ShadowReport | undefined {
    const sums = this.#sums;
    if (sums === undefined || this.#deps.shadow()?.version !== sums.version) return undefined;
    const { version, against, lists, failures } = sums;
    const mean = (sum: number) => (lists === 0 ? 0 : sum / lists);
    return {
      version,
      against,
      lists,
      failures,
      scoreDifference: mean(sums.difference),
      rankCorrelation: mean(sums.correlation),
      topOverlapRatio: mean(sums.overlap),
      meanMs: mean(sums.ms),
    };
  }

  async #compare(model: Model, { version: against, matrix, logOdds }: ScoredList): Promise<void> {
    const sums = this.#sumsOf(model.version, against);
    const beganMs = this.#deps.elapsedMs();
    try {
      const raw = await model.score(matrix, logOdds.length);
      const ms = this.#deps.elapsedMs() - beganMs;
      if (!raw.every(Number.isFinite))
        throw new Error(`model ${model.version} gave a score that is no number`);
      const own = Array.from(raw, logistic);
      const theirs = Array.from(logOdds, logistic);
      const correlation = sampleRankCorrelation(own, theirs);
      sums.lists += 1;
      sums.ms += ms;
      sums.difference +=
        own.reduce((sum, value, i) => sum + Math.abs(value - (theirs[i] as number)), 0) / own.length;
      // Where either has all alike there is no order to agree on.
      sums.correlation += Number.isFinite(correlation) ? correlation : 0;
      const top = Math.min(TOP, own.length);
      const [some, others] = [bestOf(own, top), bestOf(theirs, top)];
      sums.overlap += some.filter((row) => others.includes(row)).length / top;
    } catch {
      sums.failures += 1;
    }
  }

  #sumsOf(version: string, against: string): Sums {
    if (this.#sums?.version !== version || this.#sums.against !== against) {
      this.#sums = {
        version,
        against,
        lists: 0,
        failures: 0,
        difference: 0,
        correlation: 0,
        overlap: 0,
        ms: 0,
      };
    }
    return this.#sums;
  }
}

function bestOf(scores: readonly number[], count: number): number[] {
  return [...scores.keys()]
    .sort((a, b) => (scores[b] as number) - (scores[a] as number) || a - b)
    .slice(0, count);
}
