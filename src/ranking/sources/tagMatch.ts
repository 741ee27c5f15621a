import type { Query } from '../query.js';
import { largest, type Source } from './source.js';

/** Tags of the person that are looked up, and products taken of each. */
const TAGS = 24;
const PRODUCTS_PER_TAG = 60;
const PROPOSED = 200;

/** Products that carry the person's heaviest tags, of long-term taste and of the moment (R2, R3). */
export const tagMatch: Source = {
  name: 'tag_match',
  propose(query, boards) {
    const { catalog } = query.state;
    const scores = new Map<number, number>();
    for (const [tag, weight] of heaviestTags(query)) {
      const members = catalog.productsWithTag(tag);
      const board = boards.of(`tag:${tag}`, {
        members,
        membersVersion: catalog.versionWithTag(tag),
        popularity: 2,
        nowMs: query.nowMs,
      });
      const idf = catalog.idfAt(tag);
      const top = board.values[0] ?? 1;
      for (let place = 0; place < Math.min(PRODUCTS_PER_TAG, board.ordinals.length); place++) {
        const ordinal = board.ordinals[place] as number;
        const popularity = (board.values[place] as number) / top;
        scores.set(ordinal, (scores.get(ordinal) ?? 0) + weight * idf * (0.5 + 0.5 * popularity));
      }
    }
    return largest(scores, PROPOSED);
  },
};

function heaviestTags(query: Query): [number, number][] {
  const combined = new Map<number, number>(query.longTerm);
  for (const [tag, weight] of query.shortTerm) combined.set(tag, (combined.get(tag) ?? 0) + weight);
  return [...combined]
    .filter(([, weight]) => weight > 0)
    .sort((a, b) => b[1] - a[1] || a[0] - b[0])
    .slice(0, TAGS);
}
