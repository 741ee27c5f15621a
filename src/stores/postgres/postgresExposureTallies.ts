import type { ExposureTallies, PageTally, ShopTally } from '../../fairness/exposureTallies.js';
import type { Sql } from './sql.js';

const ARM = `CASE WHEN (fairness ->> 'isHeldOut')::boolean THEN 'held_out' ELSE 'boosted' END`;

const LISTS = `
  SELECT rank_id, ${ARM} AS arm, items, fairness, (
      SELECT array_agg(place) FROM impressions CROSS JOIN LATERAL unnest(positions) AS place
      WHERE impressions.rank_id = served_lists.rank_id
    ) AS seen
  FROM served_lists
  WHERE served_at >= to_timestamp($1::double precision / 1000)
    AND served_at < to_timestamp($2::double precision / 1000) AND fairness IS NOT NULL`;

const PAGES = `
  WITH lists AS (${LISTS})
  SELECT arm, count(*) AS pages, count(fairness ->> 'boostScale') AS boosted,
    avg((fairness ->> 'lostRatio')::double precision) AS mean_lost,
    max((fairness ->> 'lostRatio')::double precision) AS most_lost
  FROM lists GROUP BY arm`;

/**
 * Places by weight, and behaviours by the shop that stood in the list. A behaviour is logged after its list was
 * served, so the months before it are not looked at.
 */
const SHOPS = `
  WITH lists AS (${LISTS}),
  exposed AS (
    SELECT arm, coalesce(item.value ->> 2, '') AS shop_id, sum(ln(2.0) / ln(1.0 + item.ordinality)) AS exposure
    FROM lists CROSS JOIN LATERAL jsonb_array_elements(items) WITH ORDINALITY AS item
    WHERE seen IS NULL OR item.ordinality = ANY (seen)
    GROUP BY 1, 2
  ),
  chosen AS (
    SELECT arm, coalesce(item.value ->> 2, '') AS shop_id, count(*) FILTER (WHERE type = 'browse') AS clicks,
      count(*) FILTER (WHERE type = 'purchase') AS orders
    FROM behaviours JOIN lists USING (rank_id) CROSS JOIN LATERAL jsonb_array_elements(items) AS item
    WHERE item.value ->> 0 = product_id AND type IN ('browse', 'purchase')
      AND logged_at >= to_timestamp($1::double precision / 1000)
    GROUP BY 1, 2
  )
  SELECT arm, shop_id, coalesce(exposure, 0)::double precision AS exposure, coalesce(clicks, 0) AS clicks, coalesce(orders, 0) AS orders
  FROM exposed FULL JOIN chosen USING (arm, shop_id)`;

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
    const window = [fromMs, throughMs];
    const pages = await this.#sql.query<{
      arm: PageTally['arm'];
      pages: number;
      boosted: number;
      mean_lost: number;
      most_lost: number;
    }>(PAGES, window);
    const shops = await this.#sql.query<{
      arm: ShopTally['arm'];
      shop_id: string;
      exposure: number;
      clicks: number;
      orders: number;
    }>(SHOPS, window);
    return {
      pages: pages.map((row) => ({
        arm: row.arm,
        pages: row.pages,
        boostedPages: row.boosted,
        meanLostRatio: row.mean_lost,
        mostLostRatio: row.most_lost,
      })),
      shops: shops.map(({ shop_id, ...tally }) => ({ ...tally, ...(shop_id !== '' && { shopId: shop_id }) })),
    };
  }
}
