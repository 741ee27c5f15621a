import type { CatalogIndex } from './catalogIndex.js';
import type { CatalogStore } from './catalogStore.js';
import { extractTags } from './extractTags.js';
import type { TitleSegmenter } from './titleSegmenter.js';

/** Changes read at a time. */
const PAGE = 1_000;

/**
 * Keeps a process's catalogue index up with the truth, to which other servers write too. At the
 * start it reads all there is.
 */
export class CatalogFollower {
  readonly #store: Pick<CatalogStore, 'changes'>;
  readonly #index: CatalogIndex;
  readonly #segmenter: TitleSegmenter;
  #seq = 0;
  #last: Promise<void> = Promise.resolve();
  #queued: Promise<void> | undefined;

  constructor(deps: {
    store: Pick<CatalogStore, 'changes'>;
    index: CatalogIndex;
    segmenter: TitleSegmenter;
  }) {
    this.#store = deps.store;
    this.#index = deps.index;
    this.#segmenter = deps.segmenter;
  }

  /**
   * Resolves when the index holds everything that was committed before the call. Calls made while a
   * read is under way share the next one. Rejects with `UnavailableError` when the truth cannot be read.
   */
  catchUp(): Promise<void> {
    this.#queued ??= this.#last
      .catch(() => undefined)
      .then(() => {
        this.#queued = undefined;
        this.#last = this.#readAll();
        return this.#last;
      });
    return this.#queued;
  }

  async #readAll(): Promise<void> {
    for (;;) {
      const changes = await this.#store.changes({ afterSeq: this.#seq, limit: PAGE });
      for (const change of changes) {
        if (change.kind === 'shop') this.#index.upsertShop(change.shop);
        else {
          this.#index.upsertProduct(change.revision, extractTags(change.revision.product, this.#segmenter));
        }
        this.#seq = change.seq;
      }
      if (changes.length < PAGE) return;
    }
  }
}
