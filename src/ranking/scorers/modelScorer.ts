import type { Model } from '../../inference/model.js';
import type { Scorer } from './scorer.js';

/** The model's raw score, taken for log-odds. */
export function modelScorer(model: Model): Scorer {
  return {
    async score(features, rows) {
      const logOdds = await model.score(features, rows);
      if (!logOdds.every(Number.isFinite))
        throw new Error(`model ${model.version} gave a score that is no number`);
      return logOdds;
    },
  };
}
