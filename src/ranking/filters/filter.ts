import type { Query } from '../query.js';

/** Drops candidates; the only kind of stage that does. */
export interface Filter {
  /** Appears in the answer's `dropped`. */
  readonly name: string;
  keeps(query: Query, ordinal: number): boolean;
}
