import { createHash } from 'node:crypto';
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Behaviour } from '../behaviour/behaviour.js';
import type { BehaviourWeights } from '../behaviour/weights.js';
import { weightsFingerprint } from '../behaviour/weightsFingerprint.js';
import type { Product } from '../catalog/product.js';
import type { Shop } from '../catalog/shop.js';
import { FailedPreconditionError } from '../core/errors.js';
import { BEHAVIOUR_TYPES } from '../core/vocabulary.js';
import type { User } from '../identity/user.js';
import type { ModelManifest } from '../inference/manifest.js';
import { loadOnnxModel } from '../inference/onnxModel.js';
import { FEATURES, featureSchemaHash } from '../ranking/features/index.js';
import { writeMatrix } from './matrixFiles.js';
import { modelCard } from './modelCard.js';
import { ReplayedWorld } from './replayedWorld.js';
import { FITTED_MODEL_FILE, type Fit, runFit } from './runFit.js';
import { measureServingMs } from './servingCost.js';
import { type MatrixOptions, type MatrixStats, trainingMatrix } from './trainingMatrix.js';

/** What a model is trained on. */
export interface TrainingData {
  /** Begins the model's version: letters, digits, dashes. */
  readonly name: string;
  /** For people, e.g. the title of the data's README. */
  readonly title: string;
  readonly shops: readonly Shop[];
  readonly products: readonly Product[];
  readonly users: readonly User[];
  /** In order of time. */
  readonly behaviours: readonly Behaviour[];
}

export interface TrainedModel {
  readonly manifest: ModelManifest;
  readonly manifestFile: string;
  readonly importance: Fit['importance'];
  /** Median milliseconds of scoring `SERVING_ROWS` rows on one thread of this machine. */
  readonly servingMs: number;
}

/** The file that names a model and says what it may be used for. */
export const MANIFEST_FILE = 'manifest.json';
export const MODEL_CARD_FILE = 'MODEL_CARD.md';

/**
 * Replays the data, fits a model and writes it with its manifest and card into `folder`, which should
 * be empty: `installModel` puts the result where it is served from. The model is loaded as a server
 * would load it before this resolves. The same data, options, library versions and seed give the same
 * model and manifest, byte for byte; the card also holds a time measured here.
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
  const fit = await runFit({ ...options, matrixFolder: work, outFolder: work, seed: options.matrix.seed });

  await mkdir(folder, { recursive: true });
  const manifest = manifestOf({
    fit,
    stats: matrix.stats,
    data,
    weights,
    options: options.matrix,
    model: await readFile(join(work, FITTED_MODEL_FILE)),
  });
  await copyFile(join(work, FITTED_MODEL_FILE), join(folder, manifest.modelFile));
  const manifestFile = join(folder, MANIFEST_FILE);
  await writeFile(manifestFile, `${JSON.stringify(manifest, null, 2)}\n`);

  const names = FEATURES.map(({ name }) => name);
  const { model } = await loadOnnxModel(manifestFile, { names, schemaHash: featureSchemaHash() });
  const servingMs = await measureServingMs(model, manifest);
  await model.close();
  await writeFile(
    join(folder, MODEL_CARD_FILE),
    modelCard({ manifest, importance: fit.importance, servingMs }),
  );
  return { manifest, manifestFile, importance: fit.importance, servingMs };
}

function manifestOf({
  fit,
  stats,
  data,
  weights,
  options,
  model,
}: {
  fit: Fit;
  stats: MatrixStats;
  data: TrainingData;
  weights: BehaviourWeights;
  options: MatrixOptions;
  model: Buffer;
}): ModelManifest {
  const sha256 = createHash('sha256').update(model).digest('hex');
  const known = data.behaviours.filter(({ occurredAtMs }) => occurredAtMs < options.untilMs);
  const newest = new Date(known[known.length - 1]?.occurredAtMs ?? 0).toISOString();
  // From the data alone: a date of today would make every run another model.
  const version = `${data.name}-${newest.slice(0, 10)}-${sha256.slice(0, 8)}`;
  return {
    version,
    modelFile: `${version}.onnx`,
    sha256,
    featureNames: FEATURES.map(({ name }) => name),
    featureSchemaHash: featureSchemaHash(),
    inputName: fit.inputName,
    outputName: fit.outputName,
    golden: fit.golden,
    metrics: { ...fit.metrics, recallCeiling: stats.recallCeiling },
    data: {
      name: data.name,
      title: data.title,
      behaviours: known.length,
      users: new Set(known.map(({ userId }) => userId)).size,
      products: data.products.length,
      shops: data.shops.length,
      oldest: new Date(known[0]?.occurredAtMs ?? 0).toISOString(),
      newest,
    },
    behaviourTypes: countByType(known),
    behaviourWeights: weightsFingerprint(weights),
    training: {
      ...fit.training,
      queries: stats.queries,
      rows: stats.rows,
      positives: stats.positives,
      queriesPerUser: options.perUser,
      negativesPerQuery: options.negatives,
      mostQueries: options.maxQueries,
      ...(Number.isFinite(options.untilMs) && { until: new Date(options.untilMs).toISOString() }),
    },
  };
}

/** In the order of the vocabulary, or the same data would give another manifest. */
function countByType(behaviours: readonly Behaviour[]): Record<string, number> {
  const counts = BEHAVIOUR_TYPES.map(
    (type) => [type, behaviours.filter((each) => each.type === type).length] as const,
  );
  return Object.fromEntries(counts.filter(([, count]) => count > 0));
}

function replaySource({ shops, products, users }: TrainingData) {
  return { shops: () => each(shops), products: () => each(products), users: () => each(users) };
}

async function* each<T>(records: readonly T[]): AsyncGenerator<T> {
  yield* records;
}
