import type { ReachedTouch, ReachedTouches } from '../../touch/reachedTouches.js';
import { withoutNulls } from './columns.js';
import { readPage } from './pages.js';
import type { Sql, SqlQueries } from './sql.js';

/** Committed permits looked at by a repair at a time. */
const REPAIR_ROWS = 1_000;

/** What the ledger says of permits, for those that were committed: the first commit, the first reservation. */
const KEEP = `
  WITH kept AS (
    INSERT INTO reached_touches
      (permit_id, user_id, shop_id, at_ms, seq, channel, campaign_type, campaign_id)
    SELECT given.permit_id, committed.asked_id, coalesce(reserved.shop_id, ''), committed.at_ms,
      committed.seq, reserved.channel, reserved.campaign_type, reserved.campaign_id
    FROM (SELECT DISTINCT permit_id FROM unnest($1::text[]) AS all_given (permit_id)) AS given
      CROSS JOIN LATERAL (
        SELECT asked_id, at_ms, seq FROM touch_ledger
        WHERE permit_id = given.permit_id AND kind = 'committed' ORDER BY seq LIMIT 1
      ) AS committed
      CROSS JOIN LATERAL (
        SELECT shop_id, channel, campaign_type, campaign_id FROM touch_ledger
        WHERE permit_id = given.permit_id AND kind = 'reserved' ORDER BY seq LIMIT 1
      ) AS reserved
    WHERE committed.asked_id IS NOT NULL
      AND NOT EXISTS (
        SELECT FROM touch_ledger
        WHERE permit_id = given.permit_id AND kind = 'outcome' AND outcome IN ('rejected', 'undelivered'))
    ON CONFLICT (permit_id) DO NOTHING
    RETURNING permit_id
  ) SELECT count(*) AS kept FROM kept`;

const COMMITTED_AFTER = `
  SELECT permit_id, seq FROM touch_ledger
  WHERE seq > $1 AND kind = 'committed' ORDER BY seq LIMIT $2`;

/** As many of each id, by the index, and the last of those: no more is read than ids × limit. */
const READ_BACK = `
  SELECT touch.* FROM (SELECT DISTINCT id FROM unnest($1::text[]) AS given (id)) AS own
    CROSS JOIN LATERAL (
      SELECT permit_id, user_id, shop_id, at_ms, seq, channel, campaign_type, campaign_id
      FROM reached_touches
      WHERE user_id = own.id AND shop_id = $2 AND (at_ms, seq) < ($3::bigint, $4::bigint)
      ORDER BY at_ms DESC, seq DESC LIMIT $5
    ) AS touch
  ORDER BY at_ms DESC, seq DESC LIMIT $5`;

type ReachedRow = {
  readonly permit_id: string;
  readonly user_id: string;
  readonly shop_id: string;
  readonly at_ms: number;
  readonly seq: number;
  readonly channel: ReachedTouch['channel'];
  readonly campaign_type: string;
  readonly campaign_id: string | null;
};

/** The messages that were sent, in PostgreSQL. */
export class PostgresReachedTouches implements ReachedTouches {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  async readBack({
    userIds,
    shopId = '',
    before,
    limit,
  }: Parameters<ReachedTouches['readBack']>[0]): Promise<ReachedTouch[]> {
    const rows = await readPage<ReachedRow>(this.#sql, {
      select: READ_BACK,
      orderBy: 'at_ms DESC, seq DESC',
      values: [userIds, shopId, before.atMs, before.seq, limit],
    });
    return rows.map(reachedFromRow);
  }

  async repair(): Promise<number> {
    let [afterSeq, added] = [0, 0];
    for (;;) {
      const page = await this.#sql.query<{ permit_id: string; seq: number }>(COMMITTED_AFTER, [
        afterSeq,
        REPAIR_ROWS,
      ]);
      const last = page.at(-1);
      if (last === undefined) return added;
      added += await keepReached(
        this.#sql,
        page.map(({ permit_id }) => permit_id),
      );
      afterSeq = last.seq;
    }
  }
}

/** Keeps those of the permits that the ledger says were sent; resolves with how many were new. */
export async function keepReached(queries: SqlQueries, permitIds: readonly string[]): Promise<number> {
  const [row] = await queries.query<{ kept: number }>(KEEP, [permitIds]);
  return row?.kept ?? 0;
}

/** Takes out those that their channel says reached nobody; `keepReached` keeps them no more. */
export async function dropUnreached(queries: SqlQueries, permitIds: readonly string[]): Promise<void> {
  await queries.query('DELETE FROM reached_touches WHERE permit_id = ANY ($1::text[])', [permitIds]);
}

function reachedFromRow(row: ReachedRow): ReachedTouch {
  return withoutNulls<ReachedTouch>({
    permitId: row.permit_id,
    userId: row.user_id,
    channel: row.channel,
    campaignType: row.campaign_type,
    shopId: row.shop_id === '' ? null : row.shop_id,
    campaignId: row.campaign_id,
    atMs: row.at_ms,
    seq: row.seq,
  });
}
