import type { LoggedBehaviour } from '../../src/behaviour/behaviour.js';
import { STARTING_WEIGHTS } from '../../src/behaviour/weights.js';
import { createCatalogIndex } from '../../src/catalog/catalogIndex.js';
import { extractQueryTags, extractTags } from '../../src/catalog/extractTags.js';
import { createTitleSegmenter } from '../../src/catalog/titleSegmenter.js';
import { readDataSet } from '../../src/cli/readDataSet.js';
import { UserDirectory } from '../../src/identity/userDirectory.js';
import { createProgressBar } from '../../src/importing/progressBar.js';
import { foldHistory } from '../../src/projection/foldHistory.js';
import { joinHistories, packBehaviour } from '../../src/projection/packedHistory.js';
import { MemoryOnlineState } from '../../src/stores/memory/memoryOnlineState.js';
import { createContextOf } from '../../src/tags/behaviourContext.js';

/** A data set as the online store would hold it, and what it cost to make and to read. */
export interface FoldedSet {
  readonly name: string;
  readonly behaviours: number;
  readonly users: number;
  readonly products: number;
  /** Packed behaviours by user, in the order of the log. */
  readonly records: ReadonlyMap<string, readonly Uint8Array[]>;
  /** Processor time of folding products, shops and people, a behaviour. */
  readonly foldMicros: number;
  /** Processor time of folding a person from packed bytes, as a page that knows nothing of them does. */
  readonly readMicros: { readonly median: number; readonly p99: number };
}

/** People whose reading is timed. */
const READ_SAMPLE = 500;

/** Replays a folder by the code that serves, with contexts as `Track` would log them. */
export async function foldSet(name: string, folder: string): Promise<FoldedSet> {
  const data = await readDataSet(folder, createProgressBar(process.stderr));
  const segmenter = createTitleSegmenter();
  const catalog = createCatalogIndex();
  const directory = new UserDirectory();
  for (const shop of data.shops) catalog.upsertShop(shop);
  for (const product of data.products) {
    catalog.upsertProduct({ product, revision: 1 }, extractTags(product, segmenter));
  }
  for (const user of data.users) directory.put(user);
  const queryTags = (query: string) => extractQueryTags(query, segmenter);
  const emptyState = () => new MemoryOnlineState({ catalog, weights: STARTING_WEIGHTS, queryTags });
  const state = emptyState();
  const contextOf = createContextOf({ catalog, toldTraits: (userId) => directory.traitsOf(userId) });
  const shopOf = (productId: string, revision: number) => catalog.shopOfRevision(productId, revision);
  const records = new Map<string, Uint8Array[]>();
  const log: LoggedBehaviour[] = [];
  for (const [i, behaviour] of data.behaviours.entries()) {
    const logged = { behaviour, context: contextOf(behaviour), seq: i + 1 };
    await state.apply([logged]);
    log.push(logged);
    const own = records.get(behaviour.userId);
    if (own === undefined) records.set(behaviour.userId, [packBehaviour(logged, shopOf)]);
    else own.push(packBehaviour(logged, shopOf));
  }
  const rules = {
    weights: STARTING_WEIGHTS,
    facts: { productFacts: catalog.productFacts.bind(catalog), queryTags },
    shopOf,
  };
  return {
    name,
    behaviours: data.behaviours.length,
    users: records.size,
    products: data.products.length,
    records,
    foldMicros: await foldTime(emptyState(), log),
    readMicros: readTimes([...records].slice(0, READ_SAMPLE), (userId, history) => {
      foldHistory(userId, [history], rules);
    }),
  };
}

async function foldTime(state: MemoryOnlineState, log: readonly LoggedBehaviour[]): Promise<number> {
  const start = process.cpuUsage();
  for (let at = 0; at < log.length; at += 1_000) await state.apply(log.slice(at, at + 1_000));
  const { user, system } = process.cpuUsage(start);
  return (user + system) / log.length;
}

function readTimes(
  people: readonly (readonly [string, readonly Uint8Array[]])[],
  read: (userId: string, history: Uint8Array) => void,
): FoldedSet['readMicros'] {
  const histories = people.map(([userId, packs]) => [userId, joinHistories(...packs)] as const);
  for (const [userId, history] of histories) read(userId, history);
  const micros = histories
    .map(([userId, history]) => {
      const startMs = performance.now();
      read(userId, history);
      return 1_000 * (performance.now() - startMs);
    })
    .sort((a, b) => a - b);
  const at = (share: number) => micros[Math.min(micros.length - 1, Math.floor(share * micros.length))] ?? 0;
  return { median: at(0.5), p99: at(0.99) };
}
