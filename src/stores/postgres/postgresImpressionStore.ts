import { type Clock, systemClock } from '../../core/time.js';
import type { FedImpressions, ImpressionStore, Impressions } from '../../fairness/impressionStore.js';
import { isOutage } from './engineError.js';
import { createGroupCommit } from './groupCommit.js';
import { createMonthKeeper, type MonthlyTable } from './monthlyPartitions.js';
import { readPage } from './pages.js';
import { LIST_COLUMNS, listFromRow, type ServedListRow } from './postgresServedListStore.js';
import type { Sql } from './sql.js';
import { wellFormed } from './text.js';
import { takeWriteLock } from './writeLocks.js';

export const IMPRESSION_MONTHS: MonthlyTable = { table: 'impressions', lock: 'impressions' };

/** Words that one transaction takes. */
const MOST_IN_ONE = 1_000;

/** Each new place of each list once; of several words in one statement the first that says it. */
const INSERT = `
  INSERT INTO impressions (seq, rank_id, positions, is_first, seen_at)
  SELECT nextval('impression_seq'), news.* FROM (
    SELECT given.rank_id, array_agg(DISTINCT given.position ORDER BY given.position),
      NOT EXISTS (SELECT 1 FROM impressions WHERE impressions.rank_id = given.rank_id),
      to_timestamp(min(given.seen_at_ms) / 1000)
    FROM unnest($1::text[], $2::smallint[], $3::double precision[]) AS given (rank_id, position, seen_at_ms)
    WHERE NOT EXISTS (
      SELECT 1 FROM impressions
      WHERE impressions.rank_id = given.rank_id AND given.position = ANY (impressions.positions)
    )
    GROUP BY given.rank_id ORDER BY given.rank_id
  ) AS news
  RETURNING rank_id, positions`;

const SELECT_AFTER = `
  SELECT seen.seq, seen.rank_id, seen.positions, seen.is_first,
    (date_part('epoch', seen.seen_at) * 1000)::bigint AS seen_at_ms, to_json(list) AS list
  FROM (
    SELECT * FROM impressions
    WHERE seq > $1 AND seen_at >= to_timestamp($2::double precision / 1000) ORDER BY seq LIMIT $3
  ) AS seen LEFT JOIN LATERAL (
    SELECT ${LIST_COLUMNS} FROM served_lists WHERE served_lists.rank_id = seen.rank_id LIMIT 1
  ) AS list ON true`;

type SeenRow = {
  readonly seq: number;
  readonly rank_id: string;
  readonly positions: readonly number[];
  readonly is_first: boolean;
  readonly seen_at_ms: number;
  readonly list: ServedListRow | null;
};

/** Impressions in PostgreSQL. Writers take turns (`writeLocks.ts`), so what is read is final. */
export class PostgresImpressionStore implements ImpressionStore {
  readonly append: (impressions: readonly Impressions[]) => Promise<number[]>;
  readonly #sql: Sql;

  constructor(sql: Sql, clock: Clock = systemClock) {
    this.#sql = sql;
    const keepMonths = createMonthKeeper(sql, { ...IMPRESSION_MONTHS, clock });
    this.append = createGroupCommit({
      maxItems: MOST_IN_ONE,
      isOutage,
      commit: (impressions) => {
        keepMonths();
        return this.#append(impressions);
      },
    });
  }

  async after({
    afterSeq,
    sinceMs,
    limit,
  }: Parameters<ImpressionStore['after']>[0]): Promise<FedImpressions[]> {
    const rows = await readPage<SeenRow>(this.#sql, {
      select: SELECT_AFTER,
      orderBy: 'seq',
      values: [afterSeq, sinceMs, limit],
    });
    return rows.map((row) => ({
      seq: row.seq,
      rankId: row.rank_id,
      positions: row.positions,
      isFirst: row.is_first,
      seenAtMs: row.seen_at_ms,
      ...(row.list !== null && { list: listFromRow(row.list) }),
    }));
  }

  async #append(impressions: readonly Impressions[]): Promise<number[]> {
    const places = impressions.flatMap(({ rankId, positions, seenAtMs }) =>
      positions.map((position) => ({ rankId: wellFormed(rankId), position, seenAtMs })),
    );
    const rows = await this.#sql.transaction(async (queries) => {
      await takeWriteLock(queries, 'impressions');
      return queries.query<{ rank_id: string; positions: readonly number[] }>(INSERT, [
        places.map(({ rankId }) => rankId),
        places.map(({ position }) => position),
        places.map(({ seenAtMs }) => seenAtMs),
      ]);
    });
    const news = new Map(rows.map((row) => [row.rank_id, new Set(row.positions)]));
    // A place that two calls say at once is the first one's news.
    return impressions.map(({ rankId, positions }) => {
      const left = news.get(wellFormed(rankId));
      return [...new Set(positions)].filter((position) => left?.delete(position)).length;
    });
  }
}
