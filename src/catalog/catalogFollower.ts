import { FeedFollower } from '../core/feedFollower.js';
import type { CatalogIndex } from './catalogIndex.js';
import type { CatalogStore } from './catalogStore.js';
import { extractTags } from './extractTags.js';
import type { TitleSegmenter } from './titleSegmenter.js';

/** How soon other servers' changes are seen here, about. */
const LOOK_EVERY_MS = 100;
/** Changes read at a time. */
const PAGE = 1_000;

/**
 * Keeps a process's catalogue index up with the truth, to which other servers write too. At the
 * start it reads all there is.
 */
export class CatalogFollower extends FeedFollower {
  constructor({
    store,
    index,
    segmenter,
  }: {
    store: Pick<CatalogStore, 'changes'>;
    index: CatalogIndex;
    segmenter: TitleSegmenter;
  }) {
    let seq = 0;
    const readAll = async () => {
      for (;;) {
        const changes = await store.changes({ afterSeq: seq, limit: PAGE });
        for (const change of changes) {
          if (change.kind === 'shop') index.upsertShop(change.shop);
          else index.upsertProduct(change.revision, extractTags(change.revision.product, segmenter));
          seq = change.seq;
        }
        if (changes.length < PAGE) return;
      }
    };
    super({ readAll, everyMs: LOOK_EVERY_MS });
  }
}
