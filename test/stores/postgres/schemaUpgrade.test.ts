import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PARTITIONS, partitionOf } from '../../../src/core/partitions.js';
import { migrate } from '../../../src/stores/postgres/migrate.js';
import { MIGRATIONS } from '../../../src/stores/postgres/migrations/index.js';
import { truthOn } from '../../../src/stores/postgres/openTruth.js';
import { openPglite } from '../../../src/stores/postgres/pglite.js';
import { openServerPool } from '../../../src/stores/postgres/serverPool.js';
import type { Sql } from '../../../src/stores/postgres/sql.js';
import { newPermitId } from '../../../src/touch/permitId.js';
import { aBehaviourToLog, aProduct, aShop, aUser, NOON_MS } from '../../support/builders.js';
import { canRunPostgres, serverTruths } from '../../support/serverTruths.js';

const IDS = [
  'user-1',
  'user-2',
  '用户-3',
  'é',
  ' ',
  'x'.repeat(128),
  ...Array.from({ length: 300 }, (_, n) => `u${n}`),
];

/** Of messages that were sent before anybody's history could be asked for. */
const PERMITS = IDS.map((userId) => newPermitId({ userId, channel: 'push' }));

/** A database as the first release left it, with something in every table. */
async function firstRelease(sql: Sql): Promise<void> {
  await migrate(sql, MIGRATIONS.slice(0, 4));
  await sql.query(
    `INSERT INTO behaviours (seq, event_id, type, user_id, occurred_at_ms, quantity, product_revision, traits,
       user_clarity)
     SELECT 10 * n, 'event-' || n, 'browse', user_id, $2, 1, 0, '{"region": "north", "spending_level": "low"}', 0.5
     FROM unnest($1::text[]) WITH ORDINALITY AS given (user_id, n)`,
    [IDS, NOON_MS],
  );
  await sql.exec(`
    INSERT INTO behaviour_event_ids SELECT event_id, seq FROM behaviours;
    SELECT setval('behaviour_seq', (SELECT max(seq) FROM behaviours));
    INSERT INTO touch_ledger (seq, kind, user_id, at_ms, permit_id)
      SELECT nextval('touch_ledger_seq'), 'released', user_id, 1, 'permit' FROM behaviours ORDER BY seq;
    INSERT INTO touch_ledger (seq, kind, user_id, at_ms, permit_id)
      VALUES (nextval('touch_ledger_seq'), 'committed', 'user-1', 1, 'of somebody else');
    INSERT INTO users (user_id, attributes) SELECT user_id, '{}' FROM behaviours;
    INSERT INTO shops (shop_id, name) VALUES ('shop-1', 'one'), ('shop-2', 'two');
    INSERT INTO products (product_id, revision) VALUES ('product-1', 2);
    INSERT INTO product_revisions (product_id, revision, title, category_path, attributes, in_stock, bid)
      VALUES ('product-1', 2, 'new', '[]', '{}', true, 0), ('product-1', 1, 'old', '[]', '{}', true, 0);`);
  for (const kind of ['reserved', 'committed', 'committed']) {
    await sql.query(
      `INSERT INTO touch_ledger (seq, kind, user_id, at_ms, permit_id, channel, campaign_type, shop_id)
       SELECT nextval('touch_ledger_seq'), $1, user_id, nextval('touch_ledger_seq'), permit_id, 'push', 'routine',
         CASE $1 WHEN 'reserved' THEN 'kiln' END
       FROM unnest($2::text[], $3::text[]) AS given (user_id, permit_id)`,
      [kind, IDS, PERMITS],
    );
  }
}

function upgrades(open: () => Sql): void {
  it('keeps every row, in its order and in its partition', async () => {
    const sql = open();
    await firstRelease(sql);
    const beforeMs = Date.now();
    await migrate(sql, MIGRATIONS);
    const truth = truthOn(sql);

    const read = await truth.behaviourLog.read({ afterSeq: 0, limit: 1_000 });
    expect(read.map(({ seq, behaviour }) => [seq, behaviour.userId])).toEqual(
      IDS.map((userId, index) => [10 * (index + 1), userId]),
    );
    expect(read[0]?.context).toEqual({ productRevision: 0, traits: { region: 'north' } });
    expect(Math.abs(read[0]!.loggedAtMs! - beforeMs)).toBeLessThan(60_000);
    for (const [index, userId] of IDS.entries()) {
      const own = await truth.behaviourLog.read({
        afterSeq: 10 * index,
        limit: 1,
        partitions: [partitionOf(userId)],
      });
      expect(own[0]?.behaviour.userId).toBe(userId);
      const touches = await truth.touchLedger.read({
        afterSeq: index,
        limit: 1,
        partitions: [partitionOf(userId)],
      });
      expect(touches[0]?.userId).toBe(userId);
    }

    expect(
      (await truth.userStore.changes({ afterSeq: 0, limit: 1_000 })).map(({ user }) => user.userId),
    ).toEqual([...IDS].sort());
    const changes = await truth.catalogStore.changes({ afterSeq: 0, limit: 10 });
    expect(
      changes.map((change) => (change.kind === 'shop' ? change.shop.shopId : change.revision.revision)),
    ).toEqual(['shop-1', 'shop-2', 1, 2]);
  });

  it('C7: has the history of touches that were sent before, each once, under their ids', async () => {
    const truth = truthOn(open());
    const before = { atMs: Number.MAX_SAFE_INTEGER, seq: 0 };
    for (const [index, userId] of IDS.entries()) {
      const history = await truth.touchLedger.historyOf({ userIds: [userId], beforeSeq: 1e9, limit: 10 });
      const permitId = PERMITS[index];
      expect(history).toMatchObject([
        { kind: 'committed', permitId },
        { kind: 'reserved', permitId },
      ]);
      const reached = { userIds: [userId], shopId: 'kiln', before, limit: 10 };
      const { seq, atMs } = history[0]!;
      expect(await truth.reachedTouches.readBack(reached)).toEqual([
        { permitId, userId, channel: 'push', campaignType: 'routine', shopId: 'kiln', atMs, seq },
      ]);
    }
    expect(await truth.reachedTouches.repair()).toBe(0);
  });

  it('goes on from there: new rows come after the old ones, and old events are still known', async () => {
    const truth = truthOn(open());
    const outcomes = await truth.behaviourLog.append([
      aBehaviourToLog({ eventId: 'event-1' }),
      aBehaviourToLog({ eventId: 'new' }),
    ]);
    expect(outcomes[0]).toEqual({ status: 'duplicate', seq: 10 });
    expect(outcomes[1]?.status).toBe('accepted');
    expect(outcomes[1]!.seq).toBeGreaterThan(10 * IDS.length);
    const last = await truth.catalogStore.lastChangeSeq();
    await truth.catalogStore.upsertShops([aShop({ shopId: 'shop-1', name: 'one' })]);
    expect(await truth.catalogStore.lastChangeSeq()).toBe(last);
    await truth.catalogStore.upsertProducts([aProduct()]);
    expect((await truth.catalogStore.getProduct('product-1'))?.revision).toBe(3);
    const lastUser = await truth.userStore.lastChangeSeq();
    await truth.userStore.upsertUsers([aUser({ userId: 'é', region: 'north' })]);
    expect(
      (await truth.userStore.changes({ afterSeq: lastUser, limit: 10 })).map(({ user }) => user.userId),
    ).toEqual(['é']);
  });

  it('knows the partition of any id as the program does', async () => {
    const sql = open();
    const ids = [...IDS, '', '\u{1f6cd}\ufe0f', 'a'.repeat(2_000), ...IDS.map((id) => `${id}/${id}`)];
    const rows = await sql.query<{ id: string; partition: number }>(
      'SELECT id, partition_of(id) AS partition FROM unnest($1::text[]) AS given (id)',
      [ids],
    );
    expect(rows.map(({ partition }) => partition)).toEqual(ids.map(partitionOf));
    expect(new Set(rows.map(({ partition }) => partition)).size).toBe(PARTITIONS);
  });

  it('makes partitions of the months to come, once, and moves over what the net had caught', async () => {
    const sql = open();
    const months = async () =>
      (
        await sql.query<{ name: string }>(
          `SELECT inhrelid::regclass::text AS name FROM pg_inherits
           WHERE inhparent = 'behaviours'::regclass ORDER BY name`,
        )
      ).map(({ name }) => name);
    expect(await months()).toEqual([...namesOfMonths(4), 'behaviours_default']);
    await sql.query('SELECT ensure_monthly_partitions($1, 3)', ['behaviours']);
    expect(await months()).toHaveLength(5);

    const before = await truthOn(sql).behaviourLog.read({ afterSeq: 0, limit: 1_000 });
    const later = monthStart(5);
    await sql.query('UPDATE behaviours SET logged_at = $1::timestamptz WHERE seq <= 100', [
      later.toISOString(),
    ]);
    expect(await countOf(sql, 'behaviours_default')).toBe(10);
    await sql.query('SELECT ensure_monthly_partitions($1, 5)', ['behaviours']);
    expect(await months()).toEqual([...namesOfMonths(6), 'behaviours_default']);
    expect(await countOf(sql, 'behaviours_default')).toBe(0);
    expect(await countOf(sql, namesOfMonths(6)[5]!)).toBe(10);
    const after = await truthOn(sql).behaviourLog.read({ afterSeq: 0, limit: 1_000 });
    expect(after.map(({ loggedAtMs: _, ...row }) => row)).toEqual(
      before.map(({ loggedAtMs: _, ...row }) => row),
    );
  });
}

function monthStart(ahead: number): Date {
  const now = new Date();
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + ahead));
}

function namesOfMonths(count: number): string[] {
  return Array.from({ length: count }, (_, ahead) => {
    const month = monthStart(ahead).toISOString();
    return `behaviours_${month.slice(0, 4)}_${month.slice(5, 7)}`;
  });
}

async function countOf(sql: Sql, table: string): Promise<number> {
  const [row] = await sql.query<{ total: number }>(`SELECT count(*) AS total FROM ${table}`);
  return row?.total ?? 0;
}

describe('an upgrade from the first release on PGlite', () => {
  let sql: Sql;
  beforeAll(async () => {
    sql = await openPglite('memory');
  });
  afterAll(() => sql.close());
  upgrades(() => sql);
});

describe.runIf(canRunPostgres())('an upgrade from the first release on a PostgreSQL server', () => {
  const server = serverTruths();
  let sql: Sql;
  beforeAll(async () => {
    sql = openServerPool({ url: await server.postgres.createDatabase({ migrated: false }) });
  });
  afterAll(() => sql.close());
  upgrades(() => sql);
});
