import type { BehaviourType } from '../core/vocabulary.js';
import type { Model } from './model.js';

/** A model that is closed only once all that it has begun is done. */
export class RetiringModel implements Model {
  readonly version: string;
  readonly featureCount: number;
  readonly fittedTo?: readonly BehaviourType[];
  readonly #model: Model;
  #scoring = 0;
  #closed: Promise<void> | undefined;
  #isRetired = false;
  #onIdle: () => void = () => {};

  constructor(model: Model) {
    this.#model = model;
    this.version = model.version;
    this.featureCount = model.featureCount;
    if (model.fittedTo !== undefined) this.fittedTo = model.fittedTo;
  }

  async score(matrix: Float32Array, rows: number): Promise<Float32Array> {
    if (this.#isRetired) throw new Error(`model ${this.version} is retired`);
    this.#scoring += 1;
    try {
      return await this.#model.score(matrix, rows);
    } finally {
      this.#scoring -= 1;
      if (this.#scoring === 0) this.#onIdle();
    }
  }

  /** Takes nothing more, and resolves once it is closed. */
  retire(): Promise<void> {
    this.#isRetired = true;
    this.#closed ??= this.#closeWhenIdle();
    return this.#closed;
  }

  close(): Promise<void> {
    return this.retire();
  }

  async #closeWhenIdle(): Promise<void> {
    if (this.#scoring > 0) {
      await new Promise<void>((resolve) => {
        this.#onIdle = resolve;
      });
    }
    await this.#model.close();
  }
}
