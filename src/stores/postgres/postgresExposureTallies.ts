import type { Arm, ExposureTallies, PageTally, ShopTally } from '../../fairness/exposureTallies.js';
import type { Sql } from './sql.js';

/** Lists, or rows of the log, summed in one statement: PGlite holds up the whole process while one runs. */
const CHUNK = 1_000;

const IN_WINDOW = `served_at >= to_timestamp($1::double precision / 1000)
  AND served_at < to_timestamp($2::double precision / 1000) AND fairness IS NOT NULL`;

const ARM = `CASE WHEN (fairness ->> 'isHeldOut')::boolean THEN 'held_out' ELSE 'boosted' END`;

const PAGES = `
  SELECT ${ARM} AS arm, count(*) AS pages, count(fairness ->> 'boostScale') AS boosted,
    avg((fairness ->> 'lostRatio')::double precision) AS mean_lost,
    max((fairness ->> 'lostRatio')::double precision) AS most_lost
  FROM served_lists WHERE ${IN_WINDOW} GROUP BY 1`;

const LIST_SEQS = `
  SELECT coalesce(min(seq), 1) AS first, coalesce(max(seq), 0) AS last FROM served_lists WHERE ${IN_WINDOW}`;

/** A behaviour is logged after its list was served. */
const LOG_SEQS = `
  SELECT coalesce(min(seq), 1) AS first, coalesce(max(seq), 0) AS last FROM behaviours
  WHERE logged_at >= to_timestamp($1::double precision / 1000) AND rank_id IS NOT NULL`;

/** Logarithms of doubles: those of numerics take ten times as long. */
const EXPOSED = `
  SELECT arm, coalesce(item.value ->> 2, '') AS shop_id,
    sum(ln(2::double precision) / ln(1 + item.ordinality::double precision)) AS exposure, 0 AS clicks, 0 AS orders
  FROM (
    SELECT ${ARM} AS arm, items, (
      SELECT array_agg(place) FROM impressions CROSS JOIN LATERAL unnest(positions) AS place
      WHERE impressions.rank_id = served_lists.rank_id
    ) AS seen
    FROM served_lists WHERE seq >= $3 AND seq < $4 AND ${IN_WINDOW}
  ) AS list CROSS JOIN LATERAL jsonb_array_elements(items) WITH ORDINALITY AS item
  WHERE seen IS NULL OR item.ordinality = ANY (seen)
  GROUP BY 1, 2`;

/** By the shop that stood in the list. */
const CHOSEN = `
  SELECT arm, coalesce(item.value ->> 2, '') AS shop_id, 0::double precision AS exposure,
    count(*) FILTER (WHERE type = 'browse') AS clicks, count(*) FILTER (WHERE type = 'purchase') AS orders
  FROM (
    SELECT rank_id, product_id, type FROM behaviours
    WHERE seq >= $3 AND seq < $4 AND rank_id IS NOT NULL AND type IN ('browse', 'purchase')
  ) AS behaviour
  CROSS JOIN LATERAL (
    SELECT ${ARM} AS arm, items FROM served_lists
    WHERE served_lists.rank_id = behaviour.rank_id AND ${IN_WINDOW} LIMIT 1
  ) AS list
  CROSS JOIN LATERAL jsonb_array_elements(items) AS item
  WHERE item.value ->> 0 = product_id
  GROUP BY 1, 2`;

type Sums = Pick<ShopTally, 'exposure' | 'clicks' | 'orders'>;
type SumRow = Sums & { readonly arm: Arm; readonly shop_id: string };
type Seqs = { readonly first: number; readonly last: number };

/** Exposure and responses in PostgreSQL, summed where they lie: a day of lists is too much to fetch. */
export class PostgresExposureTallies implements ExposureTallies {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  async between({
    fromMs,
    throughMs,
  }: Parameters<ExposureTallies['between']>[0]): ReturnType<ExposureTallies['between']> {
    const window = [fromMs, throughMs] as const;
    const pages = await this.#sql.query<{
      arm: PageTally['arm'];
      pages: number;
      boosted: number;
      mean_lost: number;
      most_lost: number;
    }>(PAGES, window);
    const sums = new Map<string, ShopTally>();
    const [lists] = await this.#sql.query<Seqs>(LIST_SEQS, window);
    const [log] = await this.#sql.query<Seqs>(LOG_SEQS, [fromMs]);
    for await (const rows of this.#chunks(EXPOSED, window, lists)) add(sums, rows);
    for await (const rows of this.#chunks(CHOSEN, window, log)) add(sums, rows);
    return {
      pages: pages.map((row) => ({
        arm: row.arm,
        pages: row.pages,
        boostedPages: row.boosted,
        meanLostRatio: row.mean_lost,
        mostLostRatio: row.most_lost,
      })),
      shops: [...sums.values()],
    };
  }

  async *#chunks(text: string, window: readonly number[], seqs: Seqs | undefined): AsyncGenerator<SumRow[]> {
    if (seqs === undefined) return;
    for (let first = seqs.first; first <= seqs.last; first += CHUNK) {
      yield await this.#sql.query<SumRow>(text, [...window, first, first + CHUNK]);
      // PGlite answers without a turn of the event loop: pages that wait go first.
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

function add(sums: Map<string, ShopTally>, rows: readonly SumRow[]): void {
  for (const { arm, shop_id: shopId, ...more } of rows) {
    const key = `${arm} ${shopId}`;
    const known = sums.get(key);
    sums.set(key, {
      arm,
      ...(shopId !== '' && { shopId }),
      exposure: (known?.exposure ?? 0) + more.exposure,
      clicks: (known?.clicks ?? 0) + more.clicks,
      orders: (known?.orders ?? 0) + more.orders,
    });
  }
}
