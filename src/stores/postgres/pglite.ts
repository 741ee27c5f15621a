import { PGlite, type Transaction } from '@electric-sql/pglite';
import { engineError } from './engineError.js';
import type { Sql, SqlQueries, SqlRow, SqlValue } from './sql.js';

/**
 * WAL written before a checkpoint is forced. PGlite runs PostgreSQL in single-user mode, where
 * nothing else ever checkpoints: without this the WAL grows until `close`, and all of it is
 * replayed after a kill (measured on 2 cores: 300 MB took 3.9 s to replay, and a checkpoint after
 * 64 MB held the event loop for 0.1 s).
 */
const CHECKPOINT_AFTER_WAL_BYTES = 32 * 1024 * 1024;
/** How many transactions pass between two looks at the WAL: one look costs about a millisecond. */
const TRANSACTIONS_BETWEEN_LOOKS = 64;

/**
 * PostgreSQL in this process, in `directory` or, for `memory`, nowhere.
 *
 * What a kill leaves: a commit returns after its WAL was written to the file system by
 * `fs.writeSync` (`synchronous_commit` is on; the node file system has no buffer of its own, so
 * `relaxedDurability` would change nothing), hence it outlives the process however it dies. PGlite
 * starts PostgreSQL with `-F` and has no `fsync` on files, so it does not outlive a power cut of
 * the machine: a PostgreSQL server does.
 *
 * Everything runs on the calling thread, one transaction after another.
 */
export async function openPglite(directory: string | 'memory'): Promise<Sql> {
  const engine = await openEngine(directory);
  let transactions = 0;

  async function checkpointWhenDue(): Promise<void> {
    transactions += 1;
    if (directory === 'memory' || transactions % TRANSACTIONS_BETWEEN_LOOKS !== 0) return;
    const { rows } = await engine.query<{ bytes: number }>(
      'SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), redo_lsn)::float8 AS bytes FROM pg_control_checkpoint()',
    );
    if ((rows[0]?.bytes ?? 0) > CHECKPOINT_AFTER_WAL_BYTES) await engine.exec('CHECKPOINT');
  }

  return {
    ...queriesOn(engine),
    transaction: async (work) => {
      const result = await runTransaction(engine, work);
      // The commit stands; if a checkpoint fails, the next statement will say so.
      await checkpointWhenDue().catch(() => undefined);
      return result;
    },
    close: async () => {
      if (!engine.closed) await engine.close();
    },
  };
}

async function openEngine(directory: string | 'memory'): Promise<PGlite> {
  try {
    const engine = await PGlite.create(directory === 'memory' ? 'memory://' : directory);
    // The whole database is in memory or in the page cache: an index probe costs what a scan's page does.
    await engine.exec('SET random_page_cost = 1.1');
    return engine;
  } catch (error) {
    throw engineError(error);
  }
}

async function runTransaction<Result>(
  engine: PGlite,
  work: (queries: SqlQueries) => Promise<Result>,
): Promise<Result> {
  let workFailed = false;
  try {
    return await engine.transaction(async (transaction) => {
      try {
        return await work(queriesOn(transaction));
      } catch (error) {
        workFailed = true;
        throw error;
      }
    });
  } catch (error) {
    throw workFailed ? error : engineError(error);
  }
}

function queriesOn(engine: PGlite | Transaction): SqlQueries {
  return {
    query: async <Row extends SqlRow>(text: string, values: readonly SqlValue[] = []) => {
      try {
        return (await engine.query<Row>(text, [...values])).rows;
      } catch (error) {
        throw engineError(error);
      }
    },
    exec: async (text) => {
      try {
        await engine.exec(text);
      } catch (error) {
        throw engineError(error);
      }
    },
  };
}
