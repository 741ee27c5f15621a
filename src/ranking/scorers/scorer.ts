/** Values rows of features. */
export interface Scorer {
  /**
   * The log-odds that the person takes the candidate of each row, finite, in the order of the rows.
   * `features` has `FEATURES.length` numbers a row.
   */
  score(features: Float32Array, rows: number): Promise<Float32Array>;
}
