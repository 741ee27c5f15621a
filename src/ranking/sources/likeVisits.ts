import type { Source } from './source.js';

const PROPOSED = 100;

/** What the visits most like the person's latest one hold besides (R2). */
export const likeVisits: Source = {
  name: 'like_visits',
  // Votes stand in order.
  propose: (query) => [...query.votes.keys()].slice(0, PROPOSED),
};
