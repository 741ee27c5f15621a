import type { LoggedBehaviour } from '../../../src/behaviour/behaviour.js';
import { STARTING_WEIGHTS } from '../../../src/behaviour/weights.js';
import { type CatalogIndex, createCatalogIndex } from '../../../src/catalog/catalogIndex.js';
import { extractQueryTags, extractTags } from '../../../src/catalog/extractTags.js';
import { createTitleSegmenter } from '../../../src/catalog/titleSegmenter.js';
import type { User } from '../../../src/identity/user.js';
import type { FoldRules } from '../../../src/projection/foldHistory.js';
import { packBehaviour } from '../../../src/projection/packedHistory.js';
import { MemoryOnlineState } from '../../../src/stores/memory/memoryOnlineState.js';
import type { Truth } from '../../../src/stores/postgres/openTruth.js';

const PAGE = 2_000;

/** Everything that follows from the log, worked out by one thread, in the order of the log. */
export interface Replay {
  readonly rows: readonly LoggedBehaviour[];
  readonly catalog: CatalogIndex;
  readonly users: ReadonlyMap<string, User>;
  /** People, products and shops. */
  readonly state: MemoryOnlineState;
  /** Packed, by user id. */
  readonly histories: ReadonlyMap<string, Uint8Array>;
  readonly rules: FoldRules;
}

export async function replayTruth(truth: Truth): Promise<Replay> {
  const segmenter = createTitleSegmenter();
  const catalog = createCatalogIndex();
  for await (const page of truth.catalogStore.allShops()) for (const shop of page) catalog.upsertShop(shop);
  for await (const page of truth.catalogStore.allProductRevisions()) {
    for (const revision of page) catalog.upsertProduct(revision, extractTags(revision.product, segmenter));
  }
  const users = new Map<string, User>();
  for await (const page of truth.userStore.allUsers()) for (const user of page) users.set(user.userId, user);
  const queryTags = (query: string) => extractQueryTags(query, segmenter);
  const state = new MemoryOnlineState({ catalog, weights: STARTING_WEIGHTS, queryTags });
  const shopOf: FoldRules['shopOf'] = (productId, revision) => catalog.shopOfRevision(productId, revision);

  const rows: LoggedBehaviour[] = [];
  const packs = new Map<string, Uint8Array[]>();
  for (;;) {
    const page = await truth.behaviourLog.read({ afterSeq: rows.at(-1)?.seq ?? 0, limit: PAGE });
    await state.apply(page);
    for (const row of page) {
      rows.push(row);
      const { userId } = row.behaviour;
      const own = packs.get(userId) ?? [];
      packs.set(userId, own);
      own.push(packBehaviour(row, shopOf));
    }
    if (page.length < PAGE) break;
  }
  return {
    rows,
    catalog,
    users,
    state,
    histories: new Map([...packs].map(([userId, own]) => [userId, Buffer.concat(own)])),
    rules: {
      weights: STARTING_WEIGHTS,
      facts: { productFacts: (id, revision) => catalog.productFacts(id, revision), queryTags },
      shopOf,
    },
  };
}
