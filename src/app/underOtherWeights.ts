import { type BehaviourWeights, STARTING_WEIGHTS } from '../behaviour/weights.js';
import { weightsFingerprint } from '../behaviour/weightsFingerprint.js';
import type { ModelManifest } from '../inference/manifest.js';

/**
 * Whether a model was fitted under other weights of behaviours than these: it then reads features on a scale
 * that it never saw. Manifests of before there was a choice mean the starting weights.
 */
export function underOtherWeights(
  { behaviourWeights }: Pick<ModelManifest, 'behaviourWeights'>,
  weights: BehaviourWeights,
): boolean {
  return (behaviourWeights ?? weightsFingerprint(STARTING_WEIGHTS)) !== weightsFingerprint(weights);
}

/** What a log line says of such a model. */
export const TRAIN_ANEW =
  'the model was fitted under other weights of behaviours: it is used; run `tagrank train` under those in force';
