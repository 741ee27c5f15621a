import { createHash } from 'node:crypto';
import { FailedPreconditionError } from '../../core/errors.js';
import type { Migration } from './migrations/migration.js';
import type { Sql, SqlQueries } from './sql.js';
import { takeWriteLock } from './writeLocks.js';

const CREATE_RECORD = `
  CREATE TABLE IF NOT EXISTS schema_migrations (
    id integer PRIMARY KEY,
    name text NOT NULL,
    checksum text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
  )`;

/**
 * Brings the schema up to date: runs the migrations that are not yet recorded, all in one
 * transaction and under a lock, so that servers which start together run each of them once.
 * Answers the ids that it ran.
 *
 * Throws `FailedPreconditionError` when an applied migration is not the one known here (its text was
 * changed, or a newer program wrote the database): going on would work on a schema nobody knows.
 */
export async function migrate(sql: Sql, migrations: readonly Migration[]): Promise<number[]> {
  refuseGaps(migrations);
  return sql.transaction(async (queries) => {
    await takeWriteLock(queries, 'migrations');
    await queries.exec(CREATE_RECORD);
    const applied = await appliedMigrations(queries);
    refuseForeign(applied, migrations);
    const due = migrations.slice(applied.length);
    for (const migration of due) {
      await queries.exec(migration.sql);
      await queries.query('INSERT INTO schema_migrations (id, name, checksum) VALUES ($1, $2, $3)', [
        migration.id,
        migration.name,
        checksum(migration),
      ]);
    }
    return due.map((migration) => migration.id);
  });
}

type AppliedMigration = { readonly id: number; readonly name: string; readonly checksum: string };

async function appliedMigrations(queries: SqlQueries): Promise<AppliedMigration[]> {
  return queries.query<AppliedMigration>('SELECT id, name, checksum FROM schema_migrations ORDER BY id');
}

function refuseGaps(migrations: readonly Migration[]): void {
  migrations.forEach((migration, index) => {
    if (migration.id !== index + 1) {
      throw new FailedPreconditionError(`migration ${migration.id} stands where ${index + 1} is due`);
    }
  });
}

function refuseForeign(applied: readonly AppliedMigration[], migrations: readonly Migration[]): void {
  applied.forEach((record, index) => {
    const known = migrations[index];
    if (known === undefined) {
      throw new FailedPreconditionError(
        `the database has migration ${record.id} (${record.name}), which this version does not know: ` +
          'it was written by a newer one',
      );
    }
    if (record.id !== known.id || record.checksum !== checksum(known)) {
      throw new FailedPreconditionError(
        `migration ${record.id} (${record.name}) was changed after it was applied to this database`,
      );
    }
  });
}

function checksum(migration: Migration): string {
  return createHash('sha256').update(migration.sql).digest('hex');
}
