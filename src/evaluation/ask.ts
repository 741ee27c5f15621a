import { LIST_LENGTH } from './listMetrics.js';
import type { Recommender } from './recommender.js';
import type { EvaluatedUser } from './split.js';

/** What one recommender answered, in the order of the users asked. */
export interface Answers {
  readonly recommender: Recommender;
  /** A place given to a product that did not exist when the question was put holds `''`: it can hit nothing. */
  readonly lists: readonly (readonly string[])[];
  readonly foreignPlaces: number;
  readonly durationsMs: readonly number[];
}

/** Gathers what one recommender answers, question by question. */
export class Asking {
  readonly #recommender: Recommender;
  readonly #lists: string[][] = [];
  readonly #durationsMs: number[] = [];

  constructor(recommender: Recommender) {
    this.#recommender = recommender;
  }

  /**
   * Puts one question. One at a time, so that a duration is that of one answer and not of a queue. What
   * comes back beyond the length asked for is cut off.
   */
  async ask({ userId, askedAtMs }: EvaluatedUser, catalogue: ReadonlyMap<string, unknown>): Promise<void> {
    const startedMs = performance.now();
    const list = await this.#recommender.recommend({ userId, k: LIST_LENGTH, nowMs: askedAtMs });
    this.#durationsMs.push(performance.now() - startedMs);
    this.#lists.push(
      list.slice(0, LIST_LENGTH).map((productId) => (catalogue.has(productId) ? productId : '')),
    );
  }

  get answers(): Answers {
    const foreignPlaces = this.#lists.flat().filter((productId) => productId === '').length;
    return {
      recommender: this.#recommender,
      lists: this.#lists,
      foreignPlaces,
      durationsMs: this.#durationsMs,
    };
  }
}
