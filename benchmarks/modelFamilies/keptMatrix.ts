import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { featureSchemaHash } from '../../src/ranking/features/index.js';
import { writeMatrix } from '../../src/training/matrixFiles.js';
import type { MatrixOptions, MatrixStats, TrainingMatrix } from '../../src/training/trainingMatrix.js';

/** A matrix in a folder, as `models/train/fit.py` reads it. */
export interface KeptMatrix {
  readonly folder: string;
  readonly values: Float32Array;
  readonly stats: MatrixStats;
}

/**
 * The matrix in `folder`, or the one that `make` makes, which is then kept there: to replay a large log
 * takes longer than all fits. One that was made for other features or options is made anew; whoever
 * changes what features or sources say, and not their names, takes another folder.
 */
export async function keptMatrix(options: {
  folder: string;
  matrix: MatrixOptions;
  make: () => Promise<TrainingMatrix>;
}): Promise<KeptMatrix> {
  const { folder } = options;
  const { untilMs, perUser, negatives, maxQueries, seed } = options.matrix;
  const key = JSON.stringify([featureSchemaHash(), untilMs, perUser, negatives, maxQueries, seed]);
  const fingerprint = createHash('sha256').update(key).digest('hex');
  const keyFile = join(folder, 'madeFor.txt');
  if (!existsSync(keyFile) || (await readFile(keyFile, 'utf8')) !== fingerprint) {
    await writeMatrix(await options.make(), folder);
    await writeFile(keyFile, fingerprint);
  }
  const { stats } = JSON.parse(await readFile(join(folder, 'meta.json'), 'utf8')) as { stats: MatrixStats };
  const bytes = await readFile(join(folder, 'values.f32'));
  const values = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
  return { folder, values, stats };
}
