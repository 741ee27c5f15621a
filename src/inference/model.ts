import type { BehaviourType } from '../core/vocabulary.js';

/**
 * A model that values candidates. One call a request.
 *
 * `score` takes `rows × featureCount` numbers, row by row in the manifest's order, and answers
 * `rows` raw scores: higher is better, any scale. It rejects when the engine fails; the caller
 * then ranks without a model.
 */
export interface Model {
  readonly version: string;
  readonly featureCount: number;
  /** The types of behaviour that it was fitted to; undefined when its manifest does not say. */
  readonly fittedTo?: readonly BehaviourType[];
  score(matrix: Float32Array, rows: number): Promise<Float32Array>;
  close(): Promise<void>;
}
