import type { Migration } from './migration.js';

export const fairness: Migration = {
  id: 20,
  name: 'fairness',
  sql: `
    -- Exposure is counted from served lists, so they become a feed: seqs are drawn under the write lock
    -- (writeLocks.ts), and become visible in rising order. Items are [product id, score, shop id] from now on.
    CREATE SEQUENCE served_list_seq AS bigint;
    ALTER TABLE served_lists ADD COLUMN seq bigint NOT NULL DEFAULT nextval('served_list_seq');
    CREATE INDEX served_lists_by_seq ON served_lists (seq);
    -- What fairness did to the list; NULL where it was off.
    ALTER TABLE served_lists ADD COLUMN fairness jsonb;

    -- What servers share of the fairness loop: one row, replaced as a whole.
    CREATE TABLE fairness_state (
      is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
      version bigint NOT NULL,
      state jsonb NOT NULL
    );
  `,
};
