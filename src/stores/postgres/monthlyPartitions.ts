import type { Clock } from '../../core/time.js';
import type { Sql } from './sql.js';
import { takeWriteLock, type WriteLock } from './writeLocks.js';

/** A table that is cut by month, and the lock of its writers. */
export interface MonthlyTable {
  readonly table: string;
  readonly lock: WriteLock;
}

/** Months made ahead of the present one, so that nobody has to wait when a month begins. */
const MONTHS_AHEAD = 3;

/** Makes the partitions of this month and the coming ones, where they are missing. */
export async function ensureMonthlyPartitions(sql: Sql, { table, lock }: MonthlyTable): Promise<void> {
  await sql.transaction(async (queries) => {
    await takeWriteLock(queries, lock);
    await queries.query('SELECT ensure_monthly_partitions($1, $2)', [table, MONTHS_AHEAD]);
  });
}

/**
 * Told of every append to a table that had its partitions when the process began; when the month
 * has changed, more are made behind the append's back. Should that fail (a role that may not create
 * tables) it is tried again with the next append, and in the end the default partition takes the
 * rows in: they move over when it works again.
 */
export function createMonthKeeper(sql: Sql, of: MonthlyTable & { readonly clock: Clock }): () => void {
  let keptMonth = monthOf(of.clock.nowMs());
  return () => {
    const month = monthOf(of.clock.nowMs());
    if (month === keptMonth) return;
    const before = keptMonth;
    keptMonth = month;
    ensureMonthlyPartitions(sql, of).catch(() => {
      keptMonth = before;
    });
  };
}

/** Months since year 0, UTC. */
function monthOf(ms: number): number {
  const date = new Date(ms);
  return 12 * date.getUTCFullYear() + date.getUTCMonth();
}
