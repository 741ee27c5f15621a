import { createHash } from 'node:crypto';
import { BEHAVIOUR_TYPES } from '../core/vocabulary.js';
import type { BehaviourWeights } from './weights.js';

/** Eight hexadecimal digits that tell weights from others: to be compared, in logs and manifests. */
export function weightsFingerprint(weights: BehaviourWeights): string {
  const lines = BEHAVIOUR_TYPES.map((type) => `${type} ${weights[type].weight} ${weights[type].halfLifeMs}`);
  return createHash('sha256').update(lines.join('\n')).digest('hex').slice(0, 8);
}
