import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type Truth, truthOn } from '../../../src/stores/postgres/openTruth.js';
import { openServerPool } from '../../../src/stores/postgres/serverPool.js';
import type { Sql, SqlQueries, SqlValue } from '../../../src/stores/postgres/sql.js';
import { canRunPostgres, serverTruths } from '../../support/serverTruths.js';

/** Behaviours and touches, of 2,000 people, over two months. */
const ROWS = 40_000;

const FILL = `
  CREATE TEMPORARY TABLE given AS
    SELECT n AS seq, 'user-' || n % 2000 AS user_id, partition_of('user-' || n % 2000) AS user_partition,
      now() + make_interval(days => n * 40 / ${ROWS}) AS logged_at
    FROM generate_series(1, ${ROWS}) AS n;
  INSERT INTO behaviours (seq, event_id, type, user_id, user_partition, occurred_at_ms, quantity,
      product_revision, traits, logged_at)
    SELECT seq, 'event-' || seq, 'browse', user_id, user_partition, 0, 1, 0, '{}', logged_at FROM given;
  INSERT INTO touch_ledger (seq, kind, user_id, asked_id, user_partition, at_ms, permit_id, outcome)
    SELECT seq, CASE seq % 3 WHEN 0 THEN 'outcome' ELSE 'reserved' END, user_id, user_id, user_partition, seq,
      'permit-' || seq, CASE seq % 3 WHEN 0 THEN 'unsubscribed' END FROM given;
  -- One person whom everybody writes to.
  INSERT INTO touch_ledger (seq, kind, user_id, asked_id, user_partition, at_ms, permit_id)
    SELECT ${ROWS} + seq, 'reserved', 'crowded', 'crowded', 1, seq, 'crowded-' || seq FROM given;
  INSERT INTO reached_touches (permit_id, user_id, shop_id, at_ms, seq, channel, campaign_type)
    SELECT 'crowded-' || seq, 'crowded', '', seq, seq, 'push', 'routine' FROM given;
  INSERT INTO reached_touches (permit_id, user_id, shop_id, at_ms, seq, channel, campaign_type)
    SELECT 'permit-' || seq, user_id, '', seq, seq, 'push', 'routine' FROM given;
  INSERT INTO users (user_id, attributes, change_seq) SELECT 'user-' || seq, '{}', seq FROM given;
  INSERT INTO product_revisions (product_id, revision, title, category_path, attributes, in_stock, bid, change_seq)
    SELECT 'product-' || seq, 1, '', '[]', '{}', true, 0, seq FROM given;
  INSERT INTO identities (user_id, person_id, linked_at_ms, change_seq)
    SELECT 'user-' || seq, 'user-' || seq - seq % 2, 0, seq FROM given;
  INSERT INTO served_lists (rank_id, user_id, served_at, scene, level, model_version, items)
    SELECT 'rank-' || seq, user_id, logged_at, '', 'full', '', '[]' FROM given;
  ANALYZE;`;

type PlanNode = {
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly Plans?: readonly PlanNode[];
};

/** Rows that the leaves of a plan looked at. */
function rowsRead(node: PlanNode): number {
  if (node.Plans !== undefined) return node.Plans.reduce((sum, child) => sum + rowsRead(child), 0);
  return node['Actual Loops'] * (node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0));
}

function literal(value: SqlValue): string {
  if (Array.isArray(value)) return `ARRAY[${value.map(literal).join(', ')}]`;
  return typeof value === 'string' ? `'${value}'` : String(value);
}

describe.runIf(canRunPostgres())('a read of the truth', () => {
  const server = serverTruths();
  let url: string;
  beforeAll(async () => {
    url = await server.postgres.createDatabase();
    const sql = openServerPool({ url, patient: true });
    await sql.exec(FILL);
    await sql.close();
  });

  /** Rows that the statements of `read` look at, each with a plan for its values and with one for any. */
  async function rowsReadBy(read: (truth: Truth) => Promise<unknown>): Promise<number[]> {
    const sql = openServerPool({ url, patient: true });
    onTestFinished(() => sql.close());
    const statements: { readonly text: string; readonly values: readonly SqlValue[] }[] = [];
    const recording: Sql = {
      ...sql,
      query: (text, values = []) => {
        statements.push({ text, values });
        return sql.query(text, values);
      },
    };
    await read(truthOn(recording));
    const totals: number[] = [];
    for (const mode of ['force_custom_plan', 'force_generic_plan']) {
      let total = 0;
      for (const statement of statements) {
        total += await sql.transaction(async (queries) => explain(queries, statement, mode));
      }
      totals.push(total);
    }
    return totals;
  }

  async function explain(
    queries: SqlQueries,
    { text, values }: { readonly text: string; readonly values: readonly SqlValue[] },
    mode: string,
  ): Promise<number> {
    await queries.exec(`SET LOCAL plan_cache_mode = ${mode}; PREPARE statement AS ${text};`);
    const given = values.length === 0 ? '' : `(${values.map(literal).join(', ')})`;
    const [row] = await queries.query<{ 'QUERY PLAN': readonly { readonly Plan: PlanNode }[] }>(
      `EXPLAIN (ANALYZE, FORMAT JSON) EXECUTE statement${given}`,
    );
    await queries.exec('DEALLOCATE statement');
    return rowsRead(row!['QUERY PLAN'][0]!.Plan);
  }

  const middle = ROWS / 2;
  const half = Array.from({ length: 32 }, (_, n) => 2 * n);
  const reads: readonly (readonly [name: string, most: number, read: (truth: Truth) => Promise<unknown>])[] =
    [
      [
        'a page of the log',
        1_010,
        ({ behaviourLog }) => behaviourLog.read({ afterSeq: middle, limit: 1_000 }),
      ],
      [
        'the end of the log',
        20,
        ({ behaviourLog }) => behaviourLog.read({ afterSeq: ROWS - 10, limit: 1_000 }),
      ],
      [
        'a page of one partition, out of the next rows of all',
        5_000,
        ({ behaviourLog }) => behaviourLog.read({ afterSeq: 100, limit: 50, partitions: [3] }),
      ],
      [
        'a page of half of the partitions',
        1_000,
        ({ behaviourLog }) => behaviourLog.read({ afterSeq: middle, limit: 200, partitions: half }),
      ],
      [
        'the end of the log for half of the partitions',
        20,
        ({ behaviourLog }) => behaviourLog.read({ afterSeq: ROWS - 10, limit: 200, partitions: half }),
      ],
      [
        'the behaviours of two people',
        100,
        ({ behaviourLog }) => behaviourLog.readOfUsers({ userIds: ['user-1', 'user-2'], throughSeq: ROWS }),
      ],
      ['the last seq of the log', 20, ({ behaviourLog }) => behaviourLog.lastSeq()],
      [
        'a page of one partition of the ledger, out of the next rows of all',
        5_000,
        ({ touchLedger }) => touchLedger.read({ afterSeq: 100, limit: 50, partitions: [3] }),
      ],
      ['the last seq of the ledger', 5, ({ touchLedger }) => touchLedger.lastSeq()],
      [
        // One look at each entry, and one or two for what it may repeat.
        'the history of two ids',
        60,
        ({ touchLedger }) =>
          touchLedger.historyOf({ userIds: ['user-1', 'user-2'], beforeSeq: middle, limit: 8 }),
      ],
      [
        'what was done to permits',
        5,
        ({ touchLedger }) => touchLedger.ofPermits(['permit-7', 'permit-20000']),
      ],
      [
        'the history of somebody whom everybody writes to',
        60,
        ({ touchLedger }) =>
          touchLedger.historyOf({ userIds: ['crowded', 'user-1'], beforeSeq: ROWS + middle, limit: 20 }),
      ],
      [
        'the touches that reached somebody whom everybody writes to',
        60,
        ({ reachedTouches }) =>
          reachedTouches.readBack({
            userIds: ['crowded', 'user-1'],
            before: { atMs: middle, seq: 0 },
            limit: 20,
          }),
      ],
      [
        'the touches that reached two ids',
        30,
        ({ reachedTouches }) =>
          reachedTouches.readBack({
            userIds: ['user-1', 'user-2'],
            before: { atMs: middle, seq: 0 },
            limit: 8,
          }),
      ],
      ['changes of users', 100, ({ userStore }) => userStore.changes({ afterSeq: middle, limit: 100 })],
      ['the last change of users', 5, ({ userStore }) => userStore.lastChangeSeq()],
      ['users by id', 10, ({ userStore }) => userStore.getUsers(['user-1', 'user-2'])],
      [
        'changes of the catalogue',
        120,
        ({ catalogStore }) => catalogStore.changes({ afterSeq: middle, limit: 100 }),
      ],
      ['the last change of the catalogue', 5, ({ catalogStore }) => catalogStore.lastChangeSeq()],
      [
        'changes of identities',
        100,
        ({ identityStore }) => identityStore.changes({ afterSeq: middle, limit: 100 }),
      ],
      ['the persons of ids', 10, ({ identityStore }) => identityStore.personOf(['user-1', 'user-2'])],
      ['the ids of persons', 20, ({ identityStore }) => identityStore.membersOfAll(['user-2', 'user-4'])],
      ['a served list', 10, ({ servedListStore }) => servedListStore.get('rank-7')],
    ];

  it.each(reads)('looks at little more than it answers: %s', async (_name, most, read) => {
    for (const rows of await rowsReadBy(read)) expect(rows).toBeLessThanOrEqual(most);
  });

  it('goes through the histories of a partition, or counts it, at the cost of its own rows', async () => {
    const [own] = await rowsReadBy(async ({ behaviourLog }) => {
      for await (const page of behaviourLog.historiesOf({ partition: 3, throughSeq: ROWS })) void page;
    });
    expect(own).toBeLessThanOrEqual(ROWS / 32);
    const [counted] = await rowsReadBy(({ behaviourLog }) =>
      behaviourLog.countOf({ partitions: [3], throughSeq: ROWS }),
    );
    expect(counted).toBeLessThanOrEqual(ROWS / 32);
  });
});
