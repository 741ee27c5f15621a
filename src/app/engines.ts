import type { LoggedBehaviour } from '../behaviour/behaviour.js';
import type { BehaviourLog } from '../behaviour/behaviourLog.js';
import { CatalogFollower } from '../catalog/catalogFollower.js';
import { type CatalogIndex, createCatalogIndex } from '../catalog/catalogIndex.js';
import type { TitleSegmenter } from '../catalog/titleSegmenter.js';
import type { Clock, EpochMs, TtlMs } from '../core/time.js';
import { packBehaviour, type ShopOf } from '../projection/packedHistory.js';
import { createProfileFeed } from '../projection/profileFeed.js';
import type { ProjectionSource } from '../projection/projectionSource.js';
import type { ProjectionStore } from '../projection/projectionStore.js';
import { openTruth, type Truth } from '../stores/postgres/openTruth.js';
import { RedisClient } from '../stores/redis/redisClient.js';
import { RedisProjectionStore } from '../stores/redis/redisProjectionStore.js';
import { RedisTouchStore } from '../stores/redis/redisTouchStore.js';
import { createLearner, type LearnerDeps } from '../touch/learner.js';
import { LearningHistory } from '../touch/learningHistory.js';
import type { TouchPolicy } from '../touch/touchPolicy.js';
import { replayRetention } from '../touch/touchRetention.js';
import type { TouchStore } from '../touch/touchStore.js';
import { createLearnerPeople } from './learnerPeople.js';

/** Where the engines are, and how much is asked of them. */
export interface EngineOptions {
  readonly postgresUrl: string;
  readonly redisUrl: string;
  /** Replicas that must hold a permit before it is given out. */
  readonly minReplicas: number;
  /** See `BuildOptions.ledgerSettleMs`. */
  readonly ledgerSettleMs: number;
}

/** Open connections to the truth and to the online store, and the way from the one to the other. */
export interface Engines {
  readonly truth: Truth;
  readonly catalog: CatalogIndex;
  readonly catalogFollower: CatalogFollower;
  readonly projectionStore: ProjectionStore;
  readonly touchStore: TouchStore;
  readonly source: ProjectionSource;
  /** What learning went by, as the source's learner reads it. */
  readonly learningHistory: LearningHistory;
  readonly learnerPeople: LearnerDeps['peopleOf'];
  readonly shopOf: ShopOf;
  /** Touches of before this moment need not come back from the ledger. */
  readonly pruneTouchesBeforeMs: () => EpochMs;
  close(): Promise<void>;
}

/**
 * Opens both engines and reads the catalogue. Rejects with `UnavailableError` when the truth cannot
 * be reached; an online store that is away is no reason not to start.
 */
export async function openEngines(
  options: EngineOptions & {
    readonly clock: Clock;
    readonly segmenter: TitleSegmenter;
    readonly policy: () => TouchPolicy;
    readonly onRedisTrouble: (cause: unknown) => void;
  },
): Promise<Engines> {
  const { clock, segmenter, policy } = options;
  const truth = await openTruth({ postgresUrl: options.postgresUrl });
  const catalog = createCatalogIndex();
  const follower = new CatalogFollower({ store: truth.catalogStore, index: catalog, segmenter });
  let retentionMs: () => TtlMs;
  try {
    retentionMs = await replayRetention(truth.touchPolicyStore, policy);
    await follower.catchUp();
  } catch (error) {
    await truth.close();
    throw error;
  }
  const client = new RedisClient({ url: options.redisUrl, onConnectionError: options.onRedisTrouble });
  const projectionStore = new RedisProjectionStore({ client });
  const touchStore = new RedisTouchStore({ client: client.duplicate(), minReplicas: options.minReplicas });
  const learningHistory = new LearningHistory({
    policies: truth.touchPolicyStore,
    habits: truth.habitsStore,
  });
  const learnerPeople = createLearnerPeople({ identities: truth.identityStore, users: truth.userStore });
  const shopOf: ShopOf = (productId, revision) => catalog.shopOfRevision(productId, revision);
  const pruneTouchesBeforeMs = () => clock.nowMs() - retentionMs();
  return {
    truth,
    catalog,
    catalogFollower: follower,
    projectionStore,
    touchStore,
    shopOf,
    pruneTouchesBeforeMs,
    learningHistory,
    learnerPeople,
    source: {
      readBehaviours: withCatalogue((page) => truth.behaviourLog.read(page), { catalog, follower }),
      lastBehaviourSeq: () => truth.behaviourLog.lastSeq(),
      pack: (behaviour) => packBehaviour(behaviour, shopOf),
      readProfiles: createProfileFeed({ users: truth.userStore, identities: truth.identityStore }),
      readTouches: (page) => truth.touchLedger.read(page),
      lastTouchSeq: () => truth.touchLedger.lastSeq(),
      restoreTouches: (entries) => touchStore.restore(entries, { pruneBeforeMs: pruneTouchesBeforeMs() }),
      learner: createLearner({
        store: touchStore,
        ledger: truth.touchLedger,
        peopleOf: learnerPeople,
        times: () => learningHistory.times(),
      }),
    },
    async close() {
      await projectionStore.close();
      await touchStore.close();
      await truth.close();
    },
  };
}

/**
 * Rows with everything at hand that they refer to: another server may have described a product a
 * moment ago and logged a behaviour against it.
 */
function withCatalogue(
  read: BehaviourLog['read'],
  { catalog, follower }: { catalog: CatalogIndex; follower: CatalogFollower },
): BehaviourLog['read'] {
  const isKnown = ({ behaviour: { productId }, context: { productRevision } }: LoggedBehaviour): boolean =>
    productId === undefined || catalog.knowsRevision(productId, productRevision);
  return async (page) => {
    const rows = await read(page);
    if (!rows.every(isKnown)) await follower.catchUp();
    return rows;
  };
}
