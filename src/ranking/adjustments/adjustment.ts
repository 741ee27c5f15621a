import type { Candidates } from '../candidates.js';
import type { Query } from '../query.js';
import type { ServedLately } from '../servedMemory.js';
import type { UnheardIntent } from './unheardIntent.js';

/** What adjusts the candidates of one query. */
export interface AdjustedPage {
  readonly query: Query;
  readonly candidates: Candidates;
  /** As scored, per candidate: log-odds. */
  readonly logOdds: Float32Array;
  readonly served: ServedLately;
  /** Undefined when the scorer heard all that the person did. */
  readonly intent: UnheardIntent | undefined;
}

/**
 * One part of a score beside the scorer's, declared once: a factor on the odds that the person takes the
 * candidate. Its logarithm is what it adds to the score, so that all parts add up.
 */
export interface Adjustment {
  /** Stands in answers; never reused for something else. */
  readonly name: string;
  /** Of the candidate at `place`: above 0 and finite, 1 changes nothing. Pure. */
  oddsFactor(page: AdjustedPage, place: number): number;
}
