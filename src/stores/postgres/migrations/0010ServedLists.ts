import type { Migration } from './migration.js';

export const servedLists: Migration = {
  id: 10,
  name: 'served lists',
  sql: `
    -- What was answered to whom, cut by month (UTC): what is too old goes by dropping a table.
    CREATE TABLE served_lists (
      rank_id text COLLATE "C" NOT NULL,
      user_id text COLLATE "C" NOT NULL,
      served_at timestamptz NOT NULL,
      scene text NOT NULL,
      level text COLLATE "C" NOT NULL,
      model_version text NOT NULL,
      -- [[product id, score], …] in the order of the page.
      items jsonb NOT NULL,
      PRIMARY KEY (rank_id, served_at)
    ) PARTITION BY RANGE (served_at);

    CREATE TABLE served_lists_default PARTITION OF served_lists DEFAULT;
    SELECT ensure_monthly_partitions('served_lists', 3);
  `,
};
