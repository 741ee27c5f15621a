import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FEATURES } from '../ranking/features/index.js';
import type { TrainingMatrix } from './trainingMatrix.js';

/**
 * Writes a matrix in the form that `models/train/fit.py` reads: `values.f32` (rows × features),
 * `grades.u8`, `taken.u8`, `groups.u32`, all little-endian, and `meta.json` with the names of the columns.
 */
export async function writeMatrix(matrix: TrainingMatrix, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'values.f32'), bytesOf(matrix.values));
  await writeFile(join(folder, 'grades.u8'), matrix.grades);
  await writeFile(join(folder, 'taken.u8'), matrix.taken);
  await writeFile(join(folder, 'groups.u32'), bytesOf(matrix.groups));
  const meta = { features: FEATURES.map(({ name }) => name), stats: matrix.stats };
  await writeFile(join(folder, 'meta.json'), JSON.stringify(meta));
}

function bytesOf(numbers: Float32Array | Uint32Array): Uint8Array {
  return new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
}
