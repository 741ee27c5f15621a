import { largest, type Source } from './source.js';

/** What people who acted on the same things act on (R2). */
export const relatedToRecent: Source = {
  name: 'related_to_recent',
  propose(query) {
    const scores = new Map<number, number>();
    for (const [ordinal, related] of query.related) scores.set(ordinal, related.sum);
    return largest(scores, 200);
  },
};
