import type { SqlQueries } from './sql.js';

/**
 * Locks that writers hold until their commit (`pg_advisory_xact_lock`). A log whose writers take
 * turns has sequence numbers that become visible in rising order, so a reader can never pass one
 * that appears later; and writers that take turns cannot deadlock over the ids they share. Group
 * commit makes a turn carry many callers. `people` is for users and identities, whose changes share
 * a sequence.
 */
const WRITE_LOCKS = {
  migrations: 7_301,
  behaviours: 7_302,
  catalogue: 7_303,
  touchLedger: 7_304,
  people: 7_305,
  servedLists: 7_306,
  touchPolicies: 7_307,
  tagOverrides: 7_308,
  touchHabits: 7_309,
  models: 7_310,
  impressions: 7_311,
} as const;
export type WriteLock = keyof typeof WRITE_LOCKS;

/** Waits for the turn; it ends with the transaction that `queries` belongs to. */
export async function takeWriteLock(queries: SqlQueries, lock: WriteLock): Promise<void> {
  await queries.query(`SELECT pg_advisory_xact_lock(${WRITE_LOCKS[lock]})`);
}
