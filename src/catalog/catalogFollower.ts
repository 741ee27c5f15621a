import { Nap } from '../core/nap.js';
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
export class CatalogFollower {
  readonly #store: Pick<CatalogStore, 'changes'>;
  readonly #index: CatalogIndex;
  readonly #segmenter: TitleSegmenter;
  #seq = 0;
  #last: Promise<void> = Promise.resolve();
  #queued: Promise<void> | undefined;
  #running: Promise<void> | undefined;
  #stopping = false;
  readonly #nap = new Nap();

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

  /** Catches up again and again until `stop`; trouble is told and tried again. */
  start(onTrouble: (cause: unknown) => void): void {
    this.#running ??= this.#run(onTrouble);
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    this.#nap.wake();
    await this.#running;
  }

  async #run(onTrouble: (cause: unknown) => void): Promise<void> {
    while (!this.#stopping) {
      await this.catchUp().catch(onTrouble);
      if (!this.#stopping) await this.#nap.sleep(LOOK_EVERY_MS);
    }
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
