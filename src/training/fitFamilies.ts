import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BehaviourWeights } from '../behaviour/weights.js';
import { FAMILIES, type Family, type FamilyChoice } from './families.js';
import type { Contender } from './familyContest.js';
import { modelManifest } from './modelManifest.js';
import { FITTED_MODEL_FILE, type Fit, runFit } from './runFit.js';
import type { TrainingData } from './trainingData.js';
import type { MatrixOptions, MatrixStats } from './trainingMatrix.js';

/**
 * Fits a model of each family asked for to the matrix in the folder `work`, in a folder of its own below it.
 *
 * @throws FailedPreconditionError when a fit cannot be run
 */
export async function fitFamilies(options: {
  data: TrainingData;
  weights: BehaviourWeights;
  matrix: MatrixOptions;
  stats: MatrixStats;
  python: string;
  scriptFolder: string;
  work: string;
  family: FamilyChoice;
  servingBudgetMs: number;
}): Promise<Contender[]> {
  const { work, data, weights, stats, servingBudgetMs } = options;
  const { seed } = options.matrix;
  const families: readonly Family[] = options.family === 'best' ? FAMILIES : [options.family];
  const fitted: { family: Family; fit: Fit; bytes: Buffer }[] = [];
  // One after the other: each takes a core.
  for (const family of families) {
    const outFolder = join(work, family);
    await mkdir(outFolder, { recursive: true });
    const fit = await runFit({ ...options, family, matrixFolder: work, outFolder, seed });
    fitted.push({ family, fit, bytes: await readFile(join(outFolder, FITTED_MODEL_FILE)) });
  }
  const compared = Object.fromEntries(
    fitted.map(({ family, fit }) => [`${family}HeldBackNdcg20`, fit.metrics.heldBackNdcg20 as number]),
  );
  return fitted.map(({ family, fit, bytes }) => {
    const training = { ...fit.training, families: families.join(', '), servingBudgetMs };
    const metrics = { ...fit.metrics, ...(families.length > 1 && compared) };
    const told = { ...fit, training, metrics };
    const manifest = modelManifest({
      fit: told,
      stats,
      data,
      weights,
      options: options.matrix,
      model: bytes,
    });
    return { family, fit, bytes, manifest };
  });
}
