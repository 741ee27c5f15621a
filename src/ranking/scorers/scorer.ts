import type { Candidates } from '../candidates.js';
import type { Query } from '../query.js';

/** Gives every candidate a relevance in (0, 1); keeps their number and order. */
export interface Scorer {
  score(query: Query, candidates: Candidates, features: Float32Array): Promise<Float32Array>;
}
