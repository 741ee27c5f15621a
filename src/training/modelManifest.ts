import { createHash } from 'node:crypto';
import type { Behaviour } from '../behaviour/behaviour.js';
import type { BehaviourWeights } from '../behaviour/weights.js';
import { weightsFingerprint } from '../behaviour/weightsFingerprint.js';
import { BEHAVIOUR_TYPES } from '../core/vocabulary.js';
import type { ModelManifest } from '../inference/manifest.js';
import { FEATURES, featureSchemaHash } from '../ranking/features/index.js';
import type { Fit } from './runFit.js';
import type { TrainingData } from './trainingData.js';
import type { MatrixOptions, MatrixStats } from './trainingMatrix.js';

/** What stands beside a fitted model; the same for the same model, data and options. */
export function modelManifest({
  fit,
  stats,
  data,
  weights,
  options,
  model,
}: {
  fit: Pick<Fit, 'inputName' | 'outputName' | 'golden' | 'metrics' | 'training'>;
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
