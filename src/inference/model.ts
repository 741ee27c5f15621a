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
  score(matrix: Float32Array, rows: number): Promise<Float32Array>;
  close(): Promise<void>;
}
