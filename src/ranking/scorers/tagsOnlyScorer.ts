import { FEATURES } from '../features/index.js';
import type { Scorer } from './scorer.js';

const columnOf = (name: string): number => FEATURES.findIndex((feature) => feature.name === name);

/** Tag match and popularity alone: what remains when the fuller stages fail. */
export const tagsOnlyScorer: Scorer = {
  async score(_query, candidates, features) {
    const columns = ['long_term_match', 'short_term_match', 'popularity_month'].map(columnOf);
    const relevance = new Float32Array(candidates.ordinals.length);
    for (let row = 0; row < relevance.length; row++) {
      let sum = -2;
      for (const column of columns) sum += features[row * FEATURES.length + column] as number;
      relevance[row] = 1 / (1 + Math.exp(-sum));
    }
    return relevance;
  },
};
