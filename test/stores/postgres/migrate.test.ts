import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { FailedPreconditionError } from '../../../src/core/errors.js';
import { migrate } from '../../../src/stores/postgres/migrate.js';
import { MIGRATIONS } from '../../../src/stores/postgres/migrations/index.js';
import type { Migration } from '../../../src/stores/postgres/migrations/migration.js';
import { openPglite } from '../../../src/stores/postgres/pglite.js';
import type { Sql } from '../../../src/stores/postgres/sql.js';

const one: Migration = {
  id: 1,
  name: 'one',
  sql: 'CREATE TABLE one (a integer); INSERT INTO one VALUES (1);',
};
const two: Migration = { id: 2, name: 'two', sql: 'ALTER TABLE one ADD COLUMN b integer DEFAULT 2' };

let sql: Sql;
beforeAll(async () => {
  sql = await openPglite('memory');
});
beforeEach(() => sql.exec('DROP SCHEMA public CASCADE; CREATE SCHEMA public;'));
afterAll(() => sql.close());

describe('migrations', () => {
  it('run once each, in order', async () => {
    expect(await migrate(sql, [one])).toEqual([1]);
    expect(await migrate(sql, [one, two])).toEqual([2]);
    expect(await migrate(sql, [one, two])).toEqual([]);
    expect(await sql.query('SELECT a, b FROM one')).toEqual([{ a: 1, b: 2 }]);
  });

  it('run once when several servers start together', async () => {
    const runs = await Promise.all([1, 2, 3].map(() => migrate(sql, [one, two])));
    expect(runs.flat()).toEqual([1, 2]);
  });

  it('leave nothing behind when one of them fails', async () => {
    const broken = {
      id: 2,
      name: 'broken',
      sql: 'CREATE TABLE two (a integer); SELECT no_such_column FROM one',
    };
    await expect(migrate(sql, [one, broken])).rejects.toThrow('no_such_column');
    expect(await migrate(sql, [one, two])).toEqual([1, 2]);
  });

  it('are refused when an applied one was changed', async () => {
    await migrate(sql, [one]);
    const changed = migrate(sql, [{ ...one, sql: `${one.sql} -- mended` }, two]);
    await expect(changed).rejects.toThrow(FailedPreconditionError);
    await expect(changed).rejects.toThrow('migration 1 (one) was changed after it was applied');
    expect(await sql.query('SELECT * FROM one')).toEqual([{ a: 1 }]);
  });

  it('are refused when a newer version wrote the database', async () => {
    await migrate(sql, [one, two]);
    await expect(migrate(sql, [one])).rejects.toThrow('written by a newer one');
  });

  it('are numbered from 1 without gaps', async () => {
    await expect(migrate(sql, [two])).rejects.toThrow('migration 2 stands where 1 is due');
    expect(MIGRATIONS.map(({ id }) => id)).toEqual(MIGRATIONS.map((_, index) => index + 1));
  });
});
