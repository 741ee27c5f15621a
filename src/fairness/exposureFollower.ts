import { UnavailableError } from '../core/errors.js';
import { FeedFollower } from '../core/feedFollower.js';
import type { Clock } from '../core/time.js';
import type { ServedListStore } from '../ranking/servedListStore.js';
import { Exposure } from './exposure.js';
import type { FairnessPolicy } from './fairnessPolicy.js';

/** Lists read at a time: some milliseconds of the event loop. */
const PAGE = 500;
/** Where nobody asks more often. */
const LOOK_EVERY_MS = 5_000;
/** Exposure older than this many half-lives is a thousandth. */
const REMEMBERED_HALF_LIVES = 10;

/** Keeps exposure up with the served lists of the truth, whoever served them; the first look reads all that still counts. */
export class ExposureFollower extends FeedFollower {
  readonly exposure: Exposure;

  constructor({
    store,
    policy,
    clock,
    isStopping,
  }: {
    store: Pick<ServedListStore, 'after'>;
    policy: Pick<FairnessPolicy, 'exposureHalfLifeMs'>;
    clock: Clock;
    /** The first look may be long: whoever closes does not wait for all of it. */
    isStopping: () => boolean;
  }) {
    const exposure = new Exposure(policy.exposureHalfLifeMs);
    const sinceMs = clock.nowMs() - REMEMBERED_HALF_LIVES * policy.exposureHalfLifeMs;
    let seq = 0;
    const readAll = async () => {
      for (;;) {
        if (isStopping()) throw new UnavailableError('exposure is not followed any more');
        const lists = await store.after({ afterSeq: seq, sinceMs, limit: PAGE });
        for (const { seq: listSeq, list } of lists) {
          exposure.add({
            atMs: list.servedAtMs,
            items: list.items,
            unboostedShopIds: list.fairness?.unboostedShopIds,
            boostScale: list.fairness?.boostScale,
          });
          seq = listSeq;
        }
        if (lists.length < PAGE) return;
      }
    };
    super({ readAll, everyMs: LOOK_EVERY_MS });
    this.exposure = exposure;
  }
}
