import { openEmbeddedParts } from './app/embeddedParts.js';
import type { EngineOptions } from './app/engines.js';
import { FairnessAtWork } from './app/fairnessAtWork.js';
import { expectedFeatures, ModelsAtWork } from './app/modelsAtWork.js';
import type { AppLog, Parts } from './app/parts.js';
import { TRAIN_ANEW, underOtherWeights } from './app/underOtherWeights.js';
import { createTrack } from './behaviour/track.js';
import { type BehaviourWeights, checkWeights, STARTING_WEIGHTS } from './behaviour/weights.js';
import { extractQueryTags } from './catalog/extractTags.js';
import { createTitleSegmenter } from './catalog/titleSegmenter.js';
import { createUpsertProducts, createUpsertShops } from './catalog/upsertCatalog.js';
import { type Clock, systemClock } from './core/time.js';
import type { FairnessPolicy } from './fairness/fairnessPolicy.js';
import { noFairness } from './fairness/getFairness.js';
import { createRecordImpressions } from './fairness/recordImpressions.js';
import { createLinkIdentity, createUnlinkIdentity, idsOfPerson } from './identity/linkIdentity.js';
import { createUpsertUsers } from './identity/upsertUsers.js';
import type { Model } from './inference/model.js';
import { loadOnnxModel } from './inference/onnxModel.js';
import type { Observer, Progress } from './metrics/observer.js';
import { HISTORY_KEPT } from './projection/keptHistory.js';
import type { RankExperiment } from './ranking/experiment.js';
import { createExplain } from './ranking/explain.js';
import { createPageRanking } from './ranking/pageRanking.js';
import { createRank } from './ranking/rank.js';
import { ServedListRecorder } from './ranking/servedListRecorder.js';
import { ServedMemory } from './ranking/servedMemory.js';
import type { UseCases } from './server/useCases.js';
import type { MemoryOnlineState } from './stores/memory/memoryOnlineState.js';
import { openTruth, type Truth } from './stores/postgres/openTruth.js';
import { createExplainTag } from './tags/explainTag.js';
import { createGetMatch } from './tags/getMatch.js';
import { createGetTags } from './tags/getTags.js';
import { OverrideFollower } from './tags/overrideFollower.js';
import { OverrideIndex } from './tags/overrideIndex.js';
import type { People } from './tags/people.js';
import { createReadYourWrites } from './tags/readYourWrites.js';
import { createTagOverrides } from './tags/tagOverrides.js';
import { createAttributeOrder } from './touch/attributeOrder.js';
import { createCanTouch } from './touch/canTouch.js';
import { createCanTouchBatch } from './touch/canTouchBatch.js';
import { createCommitTouch } from './touch/commitTouch.js';
import { defaultTouchPolicy } from './touch/defaultTouchPolicy.js';
import { PolicyInForce } from './touch/policyInForce.js';
import { createRecordOutcome } from './touch/recordOutcome.js';
import { createReleaseTouch } from './touch/releaseTouch.js';
import { createReserveTouch } from './touch/reserveTouch.js';
import { createReserveTouchBatch } from './touch/reserveTouchBatch.js';
import { createSettleTouches } from './touch/settleTouches.js';
import type { TouchBatchDependencies } from './touch/touchDependencies.js';
import { createGetTouchHistory } from './touch/touchHistory.js';
import type { TouchPolicy } from './touch/touchPolicy.js';

export type { AppLog } from './app/parts.js';

/** What an app is told to be. */
export interface AppOptions {
  /** Real engines; embedded mode when absent. */
  readonly engines?: EngineOptions;
  /** Embedded mode: directory of the truth, or `memory` for one that ends with the app. */
  readonly dataDir: string;
  /** Embedded mode: a truth that is open already, instead of `dataDir`; it closes with the app. */
  readonly truth?: Truth;
  /** The model's manifest; undefined ranks without a model. */
  readonly modelManifest?: string;
  readonly touchPolicy?: TouchPolicy;
  /** What behaviours weigh; the starting weights when absent. */
  readonly weights?: BehaviourWeights;
  /** Exposure fairness; neither counted nor in force when absent. */
  readonly fairness?: FairnessPolicy;
  readonly maxCandidates: number;
  readonly clock?: Clock;
  readonly log: AppLog;
  /** Told what happens inside. */
  readonly observer?: Observer;
  /** Whether served lists are kept in the truth; they are unless told otherwise. */
  readonly keepServedLists?: boolean;
  /** For evaluations alone: ranks with a part missing, asked at each request. */
  readonly experiment?: () => RankExperiment;
  /** Told how much of the log has been replayed at start. */
  readonly onReplay?: (done: number, total: number) => void;
}

/** Everything built and loaded, ready to be asked. */
export interface App {
  readonly useCases: UseCases;
  readonly state: MemoryOnlineState;
  readonly people: People;
  readonly truth: Truth;
  /** What it ranks by now. */
  readonly modelVersion: () => string | undefined;
  /** How far the truth has been applied. */
  readonly progress: () => Promise<Progress>;
  /** Absent where the app runs without. */
  readonly fairness: Pick<FairnessAtWork, 'step' | 'inForce'> | undefined;
  close(): Promise<void>;
}

/**
 * The composition root: opens the engines or embedded mode, loads the model, and wires the use cases
 * by hand.
 */
export async function createApp(options: AppOptions): Promise<App> {
  const clock = options.clock ?? systemClock;
  const weights = checkWeights(options.weights ?? STARTING_WEIGHTS);
  // Until the truth is open, nothing is decided.
  let inForce: PolicyInForce | undefined;
  const fallback = options.touchPolicy ?? defaultTouchPolicy();
  const policy = () => inForce?.policy ?? fallback;
  const segmenter = createTitleSegmenter();
  const parts = await openParts(options, { clock, weights, segmenter, policy });
  const overrides = new OverrideIndex(parts.catalog);
  const overrideFollower = new OverrideFollower({ store: parts.truth.tagOverrideStore, index: overrides });
  let models: ModelsAtWork | undefined;
  let fairness: FairnessAtWork | undefined;
  try {
    await overrideFollower.catchUp();
    inForce = await PolicyInForce.open(
      { chosen: options.touchPolicy, fallback },
      {
        store: parts.truth.touchPolicyStore,
        clock,
        onTrouble: (cause) => options.log.warn({ err: cause }, 'the touch policy cannot be looked up'),
      },
    );
    models = new ModelsAtWork({
      store: parts.truth.modelStore,
      configured: await loadModel(options, weights),
      weights,
      clock,
      log: options.log,
    });
    await models.inForce.catchUp();
    if (options.fairness !== undefined) {
      fairness = new FairnessAtWork({
        truth: parts.truth,
        state: parts.state,
        policy: options.fairness,
        clock,
        log: options.log,
      });
      await fairness.start();
    }
    // In embedded mode nobody else can set one.
    if (options.engines !== undefined) {
      inForce.follow();
      models.inForce.start((cause) => options.log.warn({ err: cause }, 'models cannot be looked up'));
      overrideFollower.start((cause) => options.log.warn({ err: cause }, 'overrides cannot be looked up'));
    }
  } catch (error) {
    await fairness?.close();
    await models?.close();
    await parts.close();
    throw error;
  }

  const policies = inForce;
  const atWork = models;
  const fairnessAtWork = fairness;
  const { truth, state, people } = parts;
  const reads = createReadYourWrites({
    people,
    waitForItems: parts.waitForItems,
    elapsedMs: () => performance.now(),
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  });
  const ledger: TouchBatchDependencies['ledger'] = {
    async append(entries) {
      await truth.touchLedger.append(entries);
      parts.onTouchesLogged();
    },
  };
  const touch: TouchBatchDependencies = {
    store: parts.touchStore,
    ledger,
    policy,
    clock,
    personOf: async (userId, wanted) => (await parts.personsOf([userId], wanted))[0] ?? { homeId: userId },
    personsOf: parts.personsOf,
    habitsOf: parts.habitsOf,
    settleTouches: createSettleTouches({
      store: parts.touchStore,
      ledger: truth.touchLedger,
      identities: truth.identityStore,
      policy,
      clock,
    }),
    ledgerSettle: parts.ledgerSettle,
  };
  const idsOf = async (userId: string) =>
    (await idsOfPerson(truth.identityStore, userId)).map((id) => id.userId);
  const identityDeps = {
    identities: truth.identityStore,
    onChanged: parts.onIdentitiesChanged,
    settleTouches: touch.settleTouches,
    clock,
  };
  const served = new ServedListRecorder({
    store: truth.servedListStore,
    onDropped: (count) => options.log.warn({ count }, 'served lists were given up'),
    onTrouble: (cause) => options.log.warn({ err: cause }, 'served lists wait for the truth'),
  });
  let isOpen = false;
  const catalogDeps = { store: truth.catalogStore, index: parts.catalog, segmenter };
  const tagDeps = { reads, state, overrides, weights, clock };
  const servedMemory = new ServedMemory();
  const rankPage = createPageRanking({
    reads,
    state,
    overrides,
    model: () => atWork.inForce.active,
    weights,
    clock,
    served: servedMemory,
    fairness: fairnessAtWork?.inForce,
    onDegraded(stage, cause) {
      options.observer?.onDegraded(stage);
      options.log.warn({ stage, err: cause }, 'ranking degraded');
    },
    onScored: (scoring) => atWork.onScored(scoring),
  });
  const useCases: UseCases = {
    track: createTrack({
      log: truth.behaviourLog,
      contextsOf: parts.contextsOf,
      async onLogged(logged) {
        atWork.onLogged(logged);
        await parts.onLogged(logged);
      },
      clock,
    }),
    upsertShops: createUpsertShops(catalogDeps),
    upsertProducts: createUpsertProducts(catalogDeps),
    upsertUsers: createUpsertUsers({ store: truth.userStore, onKept: parts.onUsersKept }),
    getShop: (shopId) => truth.catalogStore.getShop(shopId),
    getProduct: (productId) => truth.catalogStore.getProduct(productId),
    getUser: (userId) => truth.userStore.getUser(userId),
    idsOfPerson: (userId) => idsOfPerson(truth.identityStore, userId),
    linkIdentity: createLinkIdentity(identityDeps),
    unlinkIdentity: createUnlinkIdentity(identityDeps),
    rank: createRank({
      rankPage,
      served: servedMemory,
      maxCandidates: options.maxCandidates,
      onServed(list) {
        if (isOpen) atWork.onServed(list);
        if (isOpen && list.fairness !== undefined) options.observer?.onFairPage(list.fairness);
        if (isOpen && options.keepServedLists !== false) served.record(list);
      },
      experiment: options.experiment,
    }),
    explain: createExplain({ rankPage, state }),
    getTags: createGetTags(tagDeps),
    explainTag: createExplainTag({
      ...tagDeps,
      log: truth.behaviourLog,
      facts: {
        productFacts: (productId, revision) => parts.catalog.productFacts(productId, revision),
        queryTags: (query) => extractQueryTags(query, segmenter),
      },
      // Histories in Redis are cut, those in this process are not.
      ...(options.engines !== undefined && { mostBehaviours: HISTORY_KEPT }),
    }),
    getMatch: createGetMatch({ reads, state, overrides, weights, clock }),
    recordImpressions: createRecordImpressions({ store: truth.impressionStore, clock }),
    getFairness: fairnessAtWork?.getFairness ?? noFairness,
    models: atWork.gate,
    tagOverrides: createTagOverrides({
      store: truth.tagOverrideStore,
      catchUp: () => overrideFollower.catchUp(),
      clock,
    }),
    touch: {
      canTouch: createCanTouch(touch),
      canTouchBatch: createCanTouchBatch(touch),
      reserveTouch: createReserveTouch(touch),
      reserveTouchBatch: createReserveTouchBatch(touch),
      commitTouch: createCommitTouch(touch),
      releaseTouch: createReleaseTouch(touch),
      recordOutcome: createRecordOutcome(touch),
      getHistory: createGetTouchHistory({ ledger: truth.touchLedger, idsOf, clock }),
      attributeOrder: createAttributeOrder({ reachedTouches: truth.reachedTouches, idsOf, clock }),
      policy,
      setPolicy: (next) => policies.set(next),
    },
  };
  await warmUp(useCases);
  isOpen = true;
  return {
    useCases,
    state,
    people,
    truth,
    modelVersion: () => atWork.inForce.active?.version,
    async progress() {
      const state = fairnessAtWork?.inForce.state;
      const steering = state === undefined || state.version === 0 ? undefined : state.steering;
      return { ...(await parts.progress()), ...(steering !== undefined && { fairness: steering }) };
    },
    fairness: fairnessAtWork,
    async close() {
      await fairnessAtWork?.close();
      await policies.stop();
      await overrideFollower.stop();
      await served.close();
      await atWork.close();
      await parts.close();
    },
  };
}

async function openParts(
  options: AppOptions,
  shared: Pick<Parameters<typeof openEmbeddedParts>[0], 'clock' | 'weights' | 'segmenter' | 'policy'>,
): Promise<Parts> {
  const { log, observer, onReplay } = options;
  if (options.engines !== undefined) {
    // Loaded on demand: embedded mode needs no driver of an engine.
    const { openEngineParts } = await import('./app/engineParts.js');
    return openEngineParts({ ...shared, ...options.engines, log, observer, onReplay });
  }
  const truth = options.truth ?? (await openTruth({ dataDir: options.dataDir }));
  try {
    return await openEmbeddedParts({ ...shared, truth, log, observer, onReplay });
  } catch (error) {
    await truth.close();
    throw error;
  }
}

/** Nobody's first page should wait for boards to be sorted and code to be compiled. */
async function warmUp({ rank }: UseCases): Promise<void> {
  const asked = { scene: 'warm-up', candidateIds: [], pageSize: 20, language: 'en' as const };
  const open = { excludeProductIds: [], shopIds: [], categoryPrefix: '' };
  await rank({ userId: 'tagrank-warm-up', ...asked, ...open });
}

/** A model that is missing or refused costs the answers' level, not the service. */
async function loadModel(options: AppOptions, weights: BehaviourWeights): Promise<Model | undefined> {
  if (options.modelManifest === undefined) return undefined;
  try {
    const { model, manifest } = await loadOnnxModel(options.modelManifest, expectedFeatures());
    options.log.info({ modelVersion: model.version }, 'model loaded');
    if (underOtherWeights(manifest, weights)) options.log.warn({ modelVersion: model.version }, TRAIN_ANEW);
    return model;
  } catch (error) {
    options.log.warn({ err: error }, 'serving without a model');
    return undefined;
  }
}
