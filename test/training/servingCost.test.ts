import { expect, it } from 'vitest';
import { FEATURES } from '../../src/ranking/features/index.js';
import { latestRows, measureServingMs, SERVING_ROWS } from '../../src/training/servingCost.js';

/** Takes so long for a request, and remembers what it was asked. */
function aModel(name: string, takesMs: number, asked: string[], seen: Float32Array[] = []) {
  return {
    version: name,
    featureCount: 2,
    fittedTo: undefined,
    score: async (matrix: Float32Array, rows: number) => {
      asked.push(name);
      seen.push(matrix.slice());
      expect(matrix).toHaveLength(2 * rows);
      const endsMs = performance.now() + takesMs;
      while (performance.now() < endsMs);
      return new Float32Array(rows);
    },
    close: async () => undefined,
  };
}

it('models are timed in turns, on the same rows, and the dearer one is told to be so', async () => {
  const asked: string[] = [];
  const [ofOne, ofOther]: [Float32Array[], Float32Array[]] = [[], []];
  const rows = Array.from({ length: 3 * SERVING_ROWS }, (_, row) => Float32Array.of(row, -row));
  const [cheap, dear] = (await measureServingMs(
    [aModel('cheap', 0.2, asked, ofOne), aModel('dear', 0.8, asked, ofOther)],
    rows,
  )) as [number, number];
  expect(cheap).toBeGreaterThanOrEqual(0.2);
  expect(dear).toBeGreaterThanOrEqual(0.8);
  expect(dear).toBeGreaterThan(cheap);
  expect(asked).toEqual(asked.map((_, turn) => (turn % 2 === 0 ? 'cheap' : 'dear')));
  expect(ofOther).toEqual(ofOne);
  // Others each round: trees are quicker on rows that they have just seen.
  expect(ofOne[1]).not.toEqual(ofOne[0]);
});

it('a few rows are repeated to the size of a request', async () => {
  const seen: Float32Array[] = [];
  await measureServingMs([aModel('one', 0, [], seen)], [Float32Array.of(1, 2), Float32Array.of(3, 4)]);
  expect(seen[0]).toHaveLength(2 * SERVING_ROWS);
  expect([...(seen[0]?.subarray(-4) ?? [])]).toEqual([1, 2, 3, 4]);
});

it('what is timed on are whole rows of the matrix, the latest first', () => {
  const width = FEATURES.length;
  const values = Float32Array.from({ length: 3 * width }, (_, at) => Math.floor(at / width));
  expect(latestRows(values).map((row) => [...new Set(row)])).toEqual([[2], [1], [0]]);
  expect(latestRows(new Float32Array(0))).toEqual([]);
});
