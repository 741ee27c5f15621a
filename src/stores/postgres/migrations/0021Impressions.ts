import type { Migration } from './migration.js';

export const impressions: Migration = {
  id: 21,
  name: 'impressions',
  sql: `
    -- Places of served lists that clients said were shown: each place of a list once, by the first word of it.
    -- A feed like that of served lists. Cut by month (UTC).
    CREATE SEQUENCE impression_seq AS bigint;
    CREATE TABLE impressions (
      seq bigint NOT NULL,
      rank_id text COLLATE "C" NOT NULL,
      -- From 1, rising; none of them in an earlier row of the list.
      positions smallint[] NOT NULL,
      -- Whether nothing was said of the list before.
      is_first boolean NOT NULL,
      seen_at timestamptz NOT NULL
    ) PARTITION BY RANGE (seen_at);

    CREATE TABLE impressions_default PARTITION OF impressions DEFAULT;
    SELECT ensure_monthly_partitions('impressions', 3);
    CREATE INDEX impressions_by_seq ON impressions (seq);
    CREATE INDEX impressions_by_list ON impressions (rank_id);
  `,
};
