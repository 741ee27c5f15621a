import { describe, expect, it, onTestFinished } from 'vitest';
import { InvalidInputError, UnavailableError } from '../../../src/core/errors.js';
import { openServerPool } from '../../../src/stores/postgres/serverPool.js';
import type { Sql } from '../../../src/stores/postgres/sql.js';
import { takeWriteLock } from '../../../src/stores/postgres/writeLocks.js';
import { aBehaviourToLog } from '../../support/builders.js';
import { canRunPostgres, serverTruths } from '../../support/serverTruths.js';

describe.runIf(canRunPostgres())('a pool on a PostgreSQL server', () => {
  const server = serverTruths();

  async function openSql(url?: string): Promise<Sql> {
    const sql = openServerPool({ url: url ?? (await server.postgres.createDatabase()) });
    onTestFinished(() => sql.close());
    return sql;
  }

  it('answers whole numbers as numbers, JSON parsed, NULL as null, and arrays as arrays', async () => {
    const sql = await openSql();
    const [row] = await sql.query(
      `SELECT 9007199254740991::bigint AS whole, '{"a": [1]}'::jsonb AS json, NULL::text AS nothing,
         ARRAY['x', NULL] AS list, 0.1::double precision AS fraction, true AS flag`,
    );
    expect(row).toEqual({
      whole: Number.MAX_SAFE_INTEGER,
      json: { a: [1] },
      nothing: null,
      list: ['x', null],
      fraction: 0.1,
      flag: true,
    });
    await expect(sql.query('SELECT 9007199254740992::bigint AS whole')).rejects.toThrow('9007199254740992');
  });

  it('takes any text in lists, and says which value is none', async () => {
    const sql = await openSql();
    const texts = ['', 'NULL', 'a"b', 'a\\b', '{a,b}', 'ä 用户 \u{1f6cd}', "it's", '\n\t'];
    const rows = await sql.query('SELECT text FROM unnest($1::text[]) AS given (text)', [texts]);
    expect(rows.map(({ text }) => text)).toEqual(texts);
    await expect(sql.query('SELECT $1::text', ['a\u0000b'])).rejects.toThrow(InvalidInputError);
  });

  it('rolls back when the work fails, and commits nothing of a transaction in which a statement failed', async () => {
    const sql = await openSql();
    await sql.exec('CREATE TABLE notes (note text)');
    const failed = sql.transaction(async (queries) => {
      await queries.query('INSERT INTO notes VALUES ($1)', ['one']);
      throw new RangeError('the work');
    });
    await expect(failed).rejects.toThrow(RangeError);
    const swallowed = sql.transaction(async (queries) => {
      await queries.query('INSERT INTO notes VALUES ($1)', ['two']);
      await queries.query('SELECT no_such_column').catch(() => undefined);
    });
    await expect(swallowed).rejects.toThrow(UnavailableError);
    expect(await sql.query('SELECT note FROM notes')).toEqual([]);
  });

  it('commits durably even where the database’s default is not to', async () => {
    const url = await server.postgres.createDatabase();
    const name = new URL(url).pathname.slice(1);
    await server.postgres.sql(`ALTER DATABASE ${name} SET synchronous_commit = off`);
    await server.postgres.sql(`ALTER DATABASE ${name} SET default_transaction_isolation = 'serializable'`);
    const sql = await openSql(url);
    expect(await sql.query('SHOW synchronous_commit')).toEqual([{ synchronous_commit: 'on' }]);
    const isolation = await sql.transaction((queries) => queries.query('SHOW transaction_isolation'));
    expect(isolation).toEqual([{ transaction_isolation: 'read committed' }]);
  });

  it('waits for a statement that is slow on a server that lives', async () => {
    const sql = await openSql();
    expect(await sql.query('SELECT 1 AS one FROM pg_sleep(2.5)')).toEqual([{ one: 1 }]);
  });

  it('does not take a server for gone that this process is too busy to hear', async () => {
    const sql = await openSql();
    await sql.query('SELECT 1');
    const slow = sql.query('SELECT 1 AS one FROM pg_sleep(2.5)');
    let isBusy = true;
    const work = (): void => {
      const endMs = performance.now() + 300;
      while (performance.now() < endMs);
      if (isBusy) setImmediate(work);
    };
    work();
    expect(await slow.finally(() => (isBusy = false))).toEqual([{ one: 1 }]);
  });

  it('serves more callers at once than it has connections', async () => {
    const sql = await openSql();
    const answers = await Promise.all(
      Array.from({ length: 60 }, (_, n) =>
        sql.query<{ n: number }>('SELECT $1::int AS n FROM pg_sleep(0.02)', [n]),
      ),
    );
    expect(answers.map(([row]) => row?.n)).toEqual(Array.from({ length: 60 }, (_, n) => n));
  });

  it('takes the write lock from a process that stands still, and lets others go on', async () => {
    const url = await server.postgres.createDatabase();
    const stuck = await openSql(url);
    const truth = await server.emptyTruth(url);
    let holds: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      holds = resolve;
    });
    const late = stuck.transaction(async (queries) => {
      await takeWriteLock(queries, 'behaviours');
      holds();
      await new Promise((resolve) => setTimeout(resolve, 6_000));
      await queries.query('SELECT 1');
    });
    const refused = expect(late).rejects.toThrow(UnavailableError);
    await held;
    const [outcome] = await truth.behaviourLog.append([aBehaviourToLog()]);
    expect(outcome?.status).toBe('accepted');
    await refused;
    expect(await stuck.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it('rejects with UnavailableError once it is closed, also when it is closed twice', async () => {
    const sql = await openSql();
    await sql.close();
    await sql.close();
    await expect(sql.query('SELECT 1')).rejects.toThrow(UnavailableError);
  });
});
