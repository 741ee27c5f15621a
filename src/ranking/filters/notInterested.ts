import type { Query } from '../query.js';
import type { Filter } from './filter.js';

/** Hidden once the person said so, until they turn to it again: a refund or taking back does not count. */
export const notInterested: Filter = {
  name: 'not_interested',
  keeps(query, ordinal) {
    const said = query.products.get(ordinal)?.history.byType.get('not_interested');
    return said === undefined || turnedToSince(query, ordinal, said.lastAtMs);
  },
};

function turnedToSince(query: Query, ordinal: number, atMs: number): boolean {
  for (const [type, { lastAtMs }] of query.products.get(ordinal)?.history.byType ?? []) {
    if (type !== 'review' && query.weights[type].weight > 0 && lastAtMs > atMs) return true;
  }
  return false;
}
