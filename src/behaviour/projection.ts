import type { LoggedBehaviour } from './behaviour.js';

/**
 * Where logged behaviours become online state.
 *
 * `apply` takes in each behaviour exactly once over the life of the state: the caller hands over
 * every log row once (what `append` accepted, and at start what `read` yields). When the promise
 * resolves, `Rank` and `GetTags` see what was applied. Order does not matter to vectors.
 */
export interface Projection {
  apply(batch: readonly LoggedBehaviour[]): Promise<void>;
  /** The highest seq applied; 0 at first. What `Track` answers as the watermark. */
  appliedSeq(): number;
}
