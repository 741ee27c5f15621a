import { quantile } from '../evaluation/quantile.js';
import type { ModelManifest } from '../inference/manifest.js';
import type { Model } from '../inference/model.js';

/** Rows of a large request: what recall proposes. */
export const SERVING_ROWS = 500;
const WARM_UP_RUNS = 20;
const RUNS = 100;

/** Median milliseconds of scoring `SERVING_ROWS` rows, on the calling thread, as serving does. */
export async function measureServingMs(model: Model, { golden }: ModelManifest): Promise<number> {
  const rows = Array.from(
    { length: SERVING_ROWS },
    (_, row) => golden.inputs[row % golden.inputs.length] ?? [],
  );
  const matrix = Float32Array.from(rows.flat());
  const durationsMs: number[] = [];
  for (let run = 0; run < WARM_UP_RUNS + RUNS; run++) {
    const startedMs = performance.now();
    await model.score(matrix, SERVING_ROWS);
    if (run >= WARM_UP_RUNS) durationsMs.push(performance.now() - startedMs);
  }
  return quantile(
    durationsMs.sort((a, b) => a - b),
    0.5,
  );
}
