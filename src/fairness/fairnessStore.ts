import type { FairnessState } from './fairnessState.js';

/**
 * Where servers share the state of the loop. There is one state, replaced as a whole.
 *
 * - `read` answers the state when its version is above `aboveVersion`, else undefined.
 * - `replace` puts `next` in the place of the version before it (`next.version - 1`) and answers true; false
 *   when another server was faster, and nothing changes. It resolves after the commit; whoever repeats it after
 *   a lost answer learns false.
 * - Both reject with `UnavailableError` when the engine fails.
 */
export interface FairnessStore {
  read(aboveVersion: number): Promise<FairnessState | undefined>;
  replace(next: FairnessState): Promise<boolean>;
}
