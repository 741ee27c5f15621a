import type { Behaviour } from './behaviour/behaviour.js';
import { createTrack } from './behaviour/track.js';
import { checkWeights, STARTING_WEIGHTS } from './behaviour/weights.js';
import { createCatalogIndex } from './catalog/catalogIndex.js';
import { extractQueryTags, extractTags } from './catalog/extractTags.js';
import { createTitleSegmenter } from './catalog/titleSegmenter.js';
import { createUpsertProducts, createUpsertShops } from './catalog/upsertCatalog.js';
import { type Clock, systemClock } from './core/time.js';
import { createUpsertUsers } from './identity/upsertUsers.js';
import { UserDirectory } from './identity/userDirectory.js';
import type { Model } from './inference/model.js';
import { loadOnnxModel } from './inference/onnxModel.js';
import { FEATURES, featureSchemaHash } from './ranking/features/index.js';
import { createRank } from './ranking/rank.js';
import type { UseCases } from './server/useCases.js';
import { MemoryOnlineState } from './stores/memory/memoryOnlineState.js';
import { MemoryTouchStore } from './stores/memory/memoryTouchStore.js';
import { openTruth, type Truth } from './stores/postgres/openTruth.js';
import { createContextOf, traitsWithSpending } from './tags/behaviourContext.js';
import { createGetMatch } from './tags/getMatch.js';
import { createGetTags } from './tags/getTags.js';
import type { UserState } from './tags/userState.js';
import { createCanTouch } from './touch/canTouch.js';
import { createCommitTouch } from './touch/commitTouch.js';
import { defaultTouchPolicy } from './touch/defaultTouchPolicy.js';
import { createRecordOutcome } from './touch/recordOutcome.js';
import { createReleaseTouch } from './touch/releaseTouch.js';
import { rebuildTouchStore } from './touch/replayTouchLedger.js';
import { createReserveTouch } from './touch/reserveTouch.js';
import { type TouchPolicy, touchRetentionMs } from './touch/touchPolicy.js';

/** What an app is told to be. */
export interface AppOptions {
  /** Directory of the truth, or `memory` for one that ends with the app. */
  readonly dataDir: string;
  /** A truth that is open already, instead of `dataDir`; it closes with the app. */
  readonly truth?: Truth;
  /** The model's manifest; undefined ranks without a model. */
  readonly modelManifest?: string;
  readonly touchPolicy?: TouchPolicy;
  readonly maxCandidates: number;
  readonly clock?: Clock;
  readonly log: AppLog;
  /** Told how much of the log has been replayed at start. */
  readonly onReplay?: (done: number, total: number) => void;
}

/** Where the app says what an operator should know. */
export interface AppLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

/** Everything built and loaded, ready to be asked. */
export interface App {
  readonly useCases: UseCases;
  readonly state: MemoryOnlineState;
  readonly truth: Truth;
  /** The told traits of a person and, when known, their spending level. */
  readonly traitsOf: (userId: string, user: UserState | undefined) => ReturnType<UserDirectory['traitsOf']>;
  readonly modelVersion: string | undefined;
  close(): Promise<void>;
}

/** Log rows replayed at a time. */
const REPLAY_PAGE = 2_000;

/**
 * The composition root of embedded mode: opens the truth, rebuilds the online state from it,
 * loads the model, and wires the use cases by hand.
 */
export async function createApp(options: AppOptions): Promise<App> {
  const clock = options.clock ?? systemClock;
  const weights = checkWeights(STARTING_WEIGHTS);
  const policy = options.touchPolicy ?? defaultTouchPolicy();
  const segmenter = createTitleSegmenter();
  const catalog = createCatalogIndex();
  const directory = new UserDirectory();
  const state = new MemoryOnlineState({
    catalog,
    weights,
    queryTags: (query) => extractQueryTags(query, segmenter),
  });
  const touchStore = new MemoryTouchStore();
  const truth = options.truth ?? (await openTruth({ dataDir: options.dataDir }));
  let model: Model | undefined;
  try {
    for await (const page of truth.catalogStore.allShops()) for (const shop of page) catalog.upsertShop(shop);
    for await (const page of truth.catalogStore.allProductRevisions()) {
      for (const revision of page) catalog.upsertProduct(revision, extractTags(revision.product, segmenter));
    }
    for await (const page of truth.userStore.allUsers()) for (const user of page) directory.put(user);
    await replayBehaviours(truth, state, options.onReplay);
    await rebuildTouchStore({
      ledger: truth.touchLedger,
      store: touchStore,
      pruneBeforeMs: clock.nowMs() - touchRetentionMs(policy),
    });
    model = await loadModel(options);
  } catch (error) {
    await truth.close();
    throw error;
  }

  const traitsOf = (userId: string, user: UserState | undefined) =>
    traitsWithSpending(directory.traitsOf(userId), user, clock.nowMs());
  const contextOf = createContextOf({
    catalog,
    weights,
    toldTraits: (userId) => directory.traitsOf(userId),
    userState: (userId) => state.userNow(userId),
  });
  const touch = {
    store: touchStore,
    ledger: truth.touchLedger,
    policy: () => policy,
    clock,
    timezoneOf: async (userId: string) => directory.timezoneOf(userId),
  };
  const catalogDeps = { store: truth.catalogStore, index: catalog, segmenter };
  const useCases: UseCases = {
    track: createTrack({
      log: truth.behaviourLog,
      projection: state,
      contextOf: (behaviour: Behaviour) => contextOf(behaviour),
      clock,
    }),
    upsertShops: createUpsertShops(catalogDeps),
    upsertProducts: createUpsertProducts(catalogDeps),
    upsertUsers: createUpsertUsers({ store: truth.userStore, directory }),
    getShop: (shopId) => truth.catalogStore.getShop(shopId),
    getProduct: (productId) => truth.catalogStore.getProduct(productId),
    getUser: (userId) => truth.userStore.getUser(userId),
    rank: createRank({
      users: state,
      state,
      model: () => model,
      traitsOf,
      weights,
      clock,
      maxCandidates: options.maxCandidates,
      onDegraded: (stage, cause) => options.log.warn({ stage, err: cause }, 'ranking degraded'),
    }),
    getTags: createGetTags({ users: state, state, weights, clock }),
    getMatch: createGetMatch({ users: state, state, traitsOf, weights, clock }),
    touch: {
      canTouch: createCanTouch(touch),
      reserveTouch: createReserveTouch(touch),
      commitTouch: createCommitTouch(touch),
      releaseTouch: createReleaseTouch(touch),
      recordOutcome: createRecordOutcome(touch),
      policy: () => policy,
    },
  };
  await warmUp(useCases);
  return {
    useCases,
    state,
    truth,
    traitsOf,
    modelVersion: model?.version,
    async close() {
      await model?.close();
      await truth.close();
    },
  };
}

/** Nobody's first page should wait for boards to be sorted and code to be compiled. */
async function warmUp({ rank }: UseCases): Promise<void> {
  const asked = { scene: 'warm-up', candidateIds: [], pageSize: 20, language: 'en' as const };
  const open = { excludeProductIds: [], shopIds: [], categoryPrefix: '' };
  await rank({ userId: 'tagrank-warm-up', ...asked, ...open });
}

async function replayBehaviours(
  truth: Truth,
  state: MemoryOnlineState,
  onReplay: AppOptions['onReplay'],
): Promise<void> {
  const total = await truth.behaviourLog.count();
  let done = 0;
  for (;;) {
    const page = await truth.behaviourLog.read({ afterSeq: state.appliedSeq(), limit: REPLAY_PAGE });
    if (page.length === 0) return;
    await state.apply(page);
    done += page.length;
    onReplay?.(done, total);
  }
}

/** A model that is missing or refused costs the answers' level, not the service. */
async function loadModel(options: AppOptions): Promise<Model | undefined> {
  if (options.modelManifest === undefined) return undefined;
  try {
    const { model } = await loadOnnxModel(options.modelManifest, {
      names: FEATURES.map(({ name }) => name),
      schemaHash: featureSchemaHash(),
    });
    options.log.info({ modelVersion: model.version }, 'model loaded');
    return model;
  } catch (error) {
    options.log.warn({ err: error }, 'serving without a model');
    return undefined;
  }
}
