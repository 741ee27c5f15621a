import { migrate } from '../../src/stores/postgres/migrate.js';
import { MIGRATIONS } from '../../src/stores/postgres/migrations/index.js';
import { type Truth, truthOn } from '../../src/stores/postgres/openTruth.js';
import type { Sql } from '../../src/stores/postgres/sql.js';

/**
 * A truth with nothing in it on a database that a test file shares: starting PGlite takes a second
 * or more, a new schema a few milliseconds. Whatever another test left is dropped.
 */
export async function emptyTruth(sql: Sql): Promise<Truth> {
  await sql.exec('DROP SCHEMA public CASCADE; CREATE SCHEMA public;');
  await migrate(sql, MIGRATIONS);
  return truthOn(sql);
}
