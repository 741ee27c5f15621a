import { quantile } from '../evaluation/quantile.js';
import type { Model } from '../inference/model.js';
import { FEATURES } from '../ranking/features/index.js';

/** Rows of a large request: what recall proposes. */
export const SERVING_ROWS = 500;
const WARM_UP_ROUNDS = 20;
const ROUNDS = 300;
const QUIET_SHARE = 0.1;

/**
 * Milliseconds of scoring `SERVING_ROWS` rows, of each model, on the calling thread, as serving does. The
 * models take turns, so that whatever else the machine does meets all; and it can only add to what a core
 * needs, so that of all rounds the quiet ones are told, their tenth percentile.
 * `rows` should be as different as those of a request: trees are quicker on rows that repeat.
 */
export async function measureServingMs(
  models: readonly Model[],
  rows: readonly Float32Array[],
): Promise<number[]> {
  const durationsMs = models.map((): number[] => []);
  for (let round = 0; round < WARM_UP_ROUNDS + ROUNDS; round++) {
    const matrix = matrixOf(rows, round);
    for (const [place, model] of models.entries()) {
      const startedMs = performance.now();
      await model.score(matrix, SERVING_ROWS);
      if (round >= WARM_UP_ROUNDS) durationsMs[place]?.push(performance.now() - startedMs);
    }
  }
  return durationsMs.map((each) =>
    quantile(
      each.sort((a, b) => a - b),
      QUIET_SHARE,
    ),
  );
}

/** `SERVING_ROWS` of the rows, others each round as long as there are any. */
function matrixOf(rows: readonly Float32Array[], round: number): Float32Array {
  const width = rows[0]?.length ?? 0;
  const matrix = new Float32Array(SERVING_ROWS * width);
  for (let row = 0; row < SERVING_ROWS; row++) {
    matrix.set(rows[(round * SERVING_ROWS + row) % rows.length] as Float32Array, row * width);
  }
  return matrix;
}

/** What to time on: the latest rows of a training matrix, some requests' worth. */
export function latestRows(values: Float32Array): Float32Array[] {
  const rows: Float32Array[] = [];
  for (let end = values.length; end > 0 && rows.length < 10 * SERVING_ROWS; end -= FEATURES.length) {
    rows.push(values.subarray(end - FEATURES.length, end));
  }
  return rows;
}
