import { FeedFollower } from '../core/feedFollower.js';
import type { OverrideIndex } from './overrideIndex.js';
import type { TagOverrideStore } from './tagOverrideStore.js';

/** How soon an override set at another server is read by here, about. */
const LOOK_EVERY_MS = 400;
/** Changes read at a time. */
const PAGE = 1_000;

/**
 * Keeps the overrides that a process reads by up with the truth, to which other servers write too. At
 * the start it reads all that are in force.
 */
export class OverrideFollower extends FeedFollower {
  constructor({ store, index }: { store: Pick<TagOverrideStore, 'changes'>; index: OverrideIndex }) {
    let seq = 0;
    const readAll = async () => {
      for (;;) {
        const changes = await store.changes({ afterSeq: seq, limit: PAGE });
        index.apply(changes);
        seq = changes.at(-1)?.seq ?? seq;
        if (changes.length < PAGE) return;
      }
    };
    super({ readAll, everyMs: LOOK_EVERY_MS });
  }
}
