import { migrate } from '../../src/stores/postgres/migrate.js';
import { MIGRATIONS } from '../../src/stores/postgres/migrations/index.js';
import { type Truth, truthOn } from '../../src/stores/postgres/openTruth.js';
import type { Sql } from '../../src/stores/postgres/sql.js';

/**
 * A truth with nothing in it on a database that a test file shares, and that nothing but truths was
 * ever made on: starting PGlite takes seconds, a new schema a third of one, emptying it a few
 * milliseconds. Whatever another test left is deleted.
 */
export async function emptyTruth(sql: Sql): Promise<Truth> {
  await migrate(sql, MIGRATIONS);
  const relations = await sql.query<{ name: string; is_sequence: boolean }>(`
    SELECT relname AS name, relkind = 'S' AS is_sequence FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'S') AND NOT relispartition
      AND relname <> 'schema_migrations'`);
  await sql.exec(
    relations
      .map(({ name, is_sequence }) =>
        is_sequence ? `ALTER SEQUENCE ${name} RESTART;` : `DELETE FROM ${name};`,
      )
      .join('\n'),
  );
  return truthOn(sql);
}
