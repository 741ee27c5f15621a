import { largest, type Source } from './source.js';

/** Products that the person acted on: what was looked at is bought, what was bought runs out. */
export const ownHistory: Source = {
  name: 'own_history',
  propose(query) {
    const scores = new Map<number, number>();
    for (const [ordinal, own] of query.products) {
      if (own.interest > 0) scores.set(ordinal, own.interest);
    }
    return largest(scores, 200);
  },
};
