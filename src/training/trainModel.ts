import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BehaviourWeights } from '../behaviour/weights.js';
import { FailedPreconditionError } from '../core/errors.js';
import type { ModelManifest } from '../inference/manifest.js';
import type { FamilyChoice } from './families.js';
import { type Contest, holdContest } from './familyContest.js';
import { fitFamilies } from './fitFamilies.js';
import { writeMatrix } from './matrixFiles.js';
import { modelCard } from './modelCard.js';
import { ReplayedWorld } from './replayedWorld.js';
import { replaySource } from './replaySource.js';
import type { Fit } from './runFit.js';
import { latestRows } from './servingCost.js';
import type { TrainingData } from './trainingData.js';
import { type MatrixOptions, type MatrixStats, trainingMatrix } from './trainingMatrix.js';

export interface TrainedModel {
  readonly manifest: ModelManifest;
  readonly manifestFile: string;
  readonly importance: Fit['importance'];
  /** How it was chosen. */
  readonly contest: Contest;
}

/** The file that names a model and says what it may be used for. */
export const MANIFEST_FILE = 'manifest.json';
export const MODEL_CARD_FILE = 'MODEL_CARD.md';

/**
 * Replays the data, fits a model of each family asked for, and writes the best within the budget with its
 * manifest and card into `folder`, which should be empty: `installModel` puts the result where it is
 * served from. The models are loaded as a server would load them before this resolves. The same data,
 * options, library versions and seed give the same models and manifests, byte for byte; which of them is
 * chosen depends on the machine only where a family is near the budget. The card also holds times
 * measured here.
 *
 * @throws FailedPreconditionError when there is nothing to learn from, or the fit cannot be run
 */
export async function trainModel(options: {
  data: TrainingData;
  /** In force where the model will rank. */
  weights: BehaviourWeights;
  matrix: MatrixOptions;
  python: string;
  /** `models/train`. */
  scriptFolder: string;
  folder: string;
  family: FamilyChoice;
  servingBudgetMs: number;
  /** Told when the matrix is made and the fit begins. */
  onFit?: (stats: MatrixStats) => void;
}): Promise<TrainedModel> {
  const { data, weights, folder } = options;
  const world = await ReplayedWorld.from(replaySource(data), weights);
  const matrix = await trainingMatrix(world, data.behaviours, options.matrix);
  if (matrix.stats.queries === 0) {
    throw new FailedPreconditionError(
      `${data.title} holds no visit to learn from before the end of training`,
    );
  }
  options.onFit?.(matrix.stats);
  const work = join(folder, 'work');
  await writeMatrix(matrix, work);
  const contenders = await fitFamilies({ ...options, stats: matrix.stats, work });
  const { winner, contest } = await holdContest({
    contenders,
    rows: latestRows(matrix.values),
    budgetMs: options.servingBudgetMs,
    seed: options.matrix.seed,
  });
  const { manifest, bytes, fit } = winner;
  await writeFile(join(folder, manifest.modelFile), bytes);
  const manifestFile = join(folder, MANIFEST_FILE);
  await writeFile(manifestFile, `${JSON.stringify(manifest, null, 2)}\n`);
  await writeFile(
    join(folder, MODEL_CARD_FILE),
    modelCard({ manifest, importance: fit.importance, contest }),
  );
  return { manifest, manifestFile, importance: fit.importance, contest };
}
