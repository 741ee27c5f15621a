import type { Model } from '../../inference/model.js';
import type { Scorer } from './scorer.js';

/** The model's raw score through a logistic, so that adjustments can multiply it. */
export function modelScorer(model: Model): Scorer {
  return {
    async score(_query, candidates, features) {
      const raw = await model.score(features, candidates.ordinals.length);
      if (!raw.every(Number.isFinite))
        throw new Error(`model ${model.version} gave a score that is no number`);
      return raw.map((score) => 1 / (1 + Math.exp(-score)));
    },
  };
}
