import type { BehaviourLog } from '../../behaviour/behaviourLog.js';
import type { CatalogStore } from '../../catalog/catalogStore.js';
import type { ExposureTallies } from '../../fairness/exposureTallies.js';
import type { FairnessStore } from '../../fairness/fairnessStore.js';
import type { ImpressionStore } from '../../fairness/impressionStore.js';
import type { IdentityStore } from '../../identity/identityStore.js';
import type { UserStore } from '../../identity/userStore.js';
import type { ModelStore } from '../../inference/modelStore.js';
import type { ServedListStore } from '../../ranking/servedListStore.js';
import type { TagOverrideStore } from '../../tags/tagOverrideStore.js';
import type { HabitsStore } from '../../touch/habitsStore.js';
import type { ReachedTouches } from '../../touch/reachedTouches.js';
import type { TouchLedger } from '../../touch/touchLedger.js';
import type { TouchPolicyStore } from '../../touch/touchPolicyStore.js';
import { openEmbeddedDatabase } from './embeddedDatabase.js';
import { migrate } from './migrate.js';
import { MIGRATIONS } from './migrations/index.js';
import { ensureMonthlyPartitions } from './monthlyPartitions.js';
import { openServer } from './openServer.js';
import { openPglite } from './pglite.js';
import { BEHAVIOUR_MONTHS, PostgresBehaviourLog } from './postgresBehaviourLog.js';
import { PostgresCatalogStore } from './postgresCatalogStore.js';
import { PostgresExposureTallies } from './postgresExposureTallies.js';
import { PostgresFairnessStore } from './postgresFairnessStore.js';
import { PostgresHabitsStore } from './postgresHabitsStore.js';
import { PostgresIdentityStore } from './postgresIdentityStore.js';
import { IMPRESSION_MONTHS, PostgresImpressionStore } from './postgresImpressionStore.js';
import { PostgresModelStore } from './postgresModelStore.js';
import { PostgresReachedTouches } from './postgresReachedTouches.js';
import { PostgresServedListStore, SERVED_LIST_MONTHS } from './postgresServedListStore.js';
import { PostgresTagOverrideStore } from './postgresTagOverrideStore.js';
import { PostgresTouchLedger } from './postgresTouchLedger.js';
import { PostgresTouchPolicyStore } from './postgresTouchPolicyStore.js';
import { PostgresUserStore } from './postgresUserStore.js';
import type { Sql } from './sql.js';

/** The durable record: everything that the online state is a projection of. */
export interface Truth {
  readonly behaviourLog: BehaviourLog;
  readonly catalogStore: CatalogStore;
  readonly userStore: UserStore;
  readonly identityStore: IdentityStore;
  readonly touchLedger: TouchLedger;
  /** What the ledger says was sent. */
  readonly reachedTouches: ReachedTouches;
  readonly servedListStore: ServedListStore;
  readonly impressionStore: ImpressionStore;
  readonly fairnessStore: FairnessStore;
  /** What served lists and the behaviours that name them come to. */
  readonly exposureTallies: ExposureTallies;
  readonly touchPolicyStore: TouchPolicyStore;
  readonly tagOverrideStore: TagOverrideStore;
  readonly habitsStore: HabitsStore;
  readonly modelStore: ModelStore;
  /** Lets go of the engine. Calls that are under way should have resolved before. */
  close(): Promise<void>;
}

/** Where the truth is: a directory (or `memory`) of this process, or a PostgreSQL server. */
export type TruthOptions = { readonly dataDir: string } | { readonly postgresUrl: string };

/**
 * Opens the truth, at the newest schema. `dataDir` is a directory (made when it is not there; one
 * process at a time), or `memory` for one that ends with `close`; `postgresUrl` is a server's, for
 * any number of processes. Throws `FailedPreconditionError` when the directory is in use, when a
 * newer version wrote the database, or the server will not do (`openServer`), and `UnavailableError`
 * when the database cannot be opened now.
 */
export async function openTruth(options: TruthOptions): Promise<Truth> {
  const sql = 'postgresUrl' in options ? await openServer(options.postgresUrl) : await openEmbedded(options);
  try {
    for (const months of [BEHAVIOUR_MONTHS, SERVED_LIST_MONTHS, IMPRESSION_MONTHS])
      await ensureMonthlyPartitions(sql, months);
  } catch (error) {
    await sql.close();
    throw error;
  }
  return truthOn(sql);
}

async function openEmbedded({ dataDir }: { readonly dataDir: string }): Promise<Sql> {
  const sql = dataDir === 'memory' ? await openPglite('memory') : await openEmbeddedDatabase(dataDir);
  try {
    await migrate(sql, MIGRATIONS);
    return sql;
  } catch (error) {
    await sql.close();
    throw error;
  }
}

/** The stores on a database that is at the newest schema already. */
export function truthOn(sql: Sql): Truth {
  return {
    behaviourLog: new PostgresBehaviourLog(sql),
    catalogStore: new PostgresCatalogStore(sql),
    userStore: new PostgresUserStore(sql),
    identityStore: new PostgresIdentityStore(sql),
    touchLedger: new PostgresTouchLedger(sql),
    reachedTouches: new PostgresReachedTouches(sql),
    servedListStore: new PostgresServedListStore(sql),
    impressionStore: new PostgresImpressionStore(sql),
    fairnessStore: new PostgresFairnessStore(sql),
    exposureTallies: new PostgresExposureTallies(sql),
    touchPolicyStore: new PostgresTouchPolicyStore(sql),
    tagOverrideStore: new PostgresTagOverrideStore(sql),
    habitsStore: new PostgresHabitsStore(sql),
    modelStore: new PostgresModelStore(sql),
    close: () => sql.close(),
  };
}
