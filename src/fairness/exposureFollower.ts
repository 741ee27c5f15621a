import { UnavailableError } from '../core/errors.js';
import { FeedFollower } from '../core/feedFollower.js';
import { type Clock, type EpochMs, MINUTE_MS } from '../core/time.js';
import type { ServedList, ServedListStore } from '../ranking/servedListStore.js';
import { type ExposedPage, Exposure } from './exposure.js';
import type { FairnessPolicy } from './fairnessPolicy.js';
import type { ImpressionStore } from './impressionStore.js';

/** Lists read at a time: some milliseconds of the event loop. */
const PAGE = 500;
/** Where nobody asks more often. */
const LOOK_EVERY_MS = 5_000;
/** Exposure older than this many half-lives is a thousandth. */
const REMEMBERED_HALF_LIVES = 10;
/** Lists come to the truth a moment after their answers; impressions of one that is not there by then are of none. */
const LIST_WAIT_MS = MINUTE_MS;

export interface ExposureFollowerDeps {
  readonly lists: Pick<ServedListStore, 'after'>;
  readonly impressions: Pick<ImpressionStore, 'after'>;
  readonly policy: Pick<FairnessPolicy, 'exposureHalfLifeMs'>;
  readonly clock: Clock;
  /** The first look may be long: whoever closes does not wait for all of it. */
  readonly isStopping: () => boolean;
}

/**
 * Keeps exposure up with the served lists of the truth and what was seen of them, whoever served them; the
 * first look reads all that still counts.
 */
export class ExposureFollower extends FeedFollower {
  readonly exposure: Exposure;
  readonly #deps: ExposureFollowerDeps;
  readonly #sinceMs: EpochMs;
  readonly #seqs = { lists: 0, impressions: 0 };

  constructor(deps: ExposureFollowerDeps) {
    super({ readAll: () => this.#readAll(), everyMs: LOOK_EVERY_MS });
    this.#deps = deps;
    const { exposureHalfLifeMs } = deps.policy;
    this.exposure = new Exposure(exposureHalfLifeMs);
    this.#sinceMs = deps.clock.nowMs() - REMEMBERED_HALF_LIVES * exposureHalfLifeMs;
  }

  async #readAll(): Promise<void> {
    while ((await this.#readLists()) === PAGE);
    while ((await this.#readImpressions()) === PAGE);
  }

  async #readLists(): Promise<number> {
    this.#refuseWhenStopping();
    const page = { afterSeq: this.#seqs.lists, sinceMs: this.#sinceMs, limit: PAGE };
    const fed = await this.#deps.lists.after(page);
    for (const { seq, list } of fed) {
      this.exposure.add(exposedPage(list));
      this.#seqs.lists = seq;
    }
    return fed.length;
  }

  /** Answers how many were taken in; fewer than a page at the end, and where a list is waited for. */
  async #readImpressions(): Promise<number> {
    this.#refuseWhenStopping();
    const page = { afterSeq: this.#seqs.impressions, sinceMs: this.#sinceMs, limit: PAGE };
    const fed = await this.#deps.impressions.after(page);
    for (const [taken, { seq, list, ...seen }] of fed.entries()) {
      if (list === undefined && this.#deps.clock.nowMs() - seen.seenAtMs < LIST_WAIT_MS) return taken;
      if (list !== undefined && list.servedAtMs >= this.#sinceMs) this.exposure.see(exposedPage(list), seen);
      this.#seqs.impressions = seq;
    }
    return fed.length;
  }

  #refuseWhenStopping(): void {
    if (this.#deps.isStopping()) throw new UnavailableError('exposure is not followed any more');
  }
}

function exposedPage({ servedAtMs, items, fairness }: ServedList): ExposedPage {
  return {
    atMs: servedAtMs,
    items,
    unboostedShopIds: fairness?.unboostedShopIds,
    boostScale: fairness?.boostScale,
  };
}
