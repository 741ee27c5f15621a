import type { EpochMs } from '../core/time.js';
import type { TouchContent } from './touch.js';

/** A message that was sent, and of which its channel did not report that it reached nobody. */
export interface ReachedTouch extends Omit<TouchContent, 'priority'> {
  readonly permitId: string;
  /** The id that it was sent to. */
  readonly userId: string;
  /** When it was committed first, in time or late. */
  readonly atMs: EpochMs;
  /** Of that commit in the touch ledger: of two at one moment, the lower came first. */
  readonly seq: number;
}

/** The order in which touches reached a person. */
export function reachedBefore(a: Pick<ReachedTouch, 'atMs' | 'seq'>, b: typeof a): boolean {
  return a.atMs === b.atMs ? a.seq < b.seq : a.atMs < b.atMs;
}

/**
 * The messages that were sent, each once, under the id that it was sent to (C7). Kept with the commit's
 * entry in the touch ledger, in one transaction: a touch is here exactly when the ledger has a commit and
 * a reservation of its permit, and no report that its channel refused it or gave up on it. A commit or a
 * report that is repeated, at whatever server, changes nothing. Permits that nobody was given
 * (`readPermitId`) are not touches.
 *
 * All reject with `UnavailableError` when the engine fails.
 */
export interface ReachedTouches {
  /**
   * Touches of any of these ids and of this shop (of no shop, where `shopId` is absent), the last one
   * first (`reachedBefore`), from those on that reached them before `before`, at most `limit`; fewer
   * only at the end.
   */
  readBack(options: {
    userIds: readonly string[];
    shopId?: string;
    before: Pick<ReachedTouch, 'atMs' | 'seq'>;
    limit: number;
  }): Promise<ReachedTouch[]>;
  /**
   * Adds what the ledger has and is missing here, and resolves with how many those were: 0 unless
   * somebody took rows away. May run while touches are committed.
   */
  repair(): Promise<number>;
}
