import type { Migration } from './migration.js';

export const behaviours: Migration = {
  id: 1,
  name: 'behaviours',
  sql: `
    -- Ids compare by bytes (COLLATE "C"): the same order on every machine, and the cheapest.

    -- Which events are in the log. Apart from the log, so that an id stays unique over all of the log's
    -- partitions: a unique index of a partitioned table would have to hold the partition key.
    CREATE TABLE behaviour_event_ids (
      event_id text COLLATE "C" PRIMARY KEY,
      seq bigint NOT NULL
    );

    CREATE SEQUENCE behaviour_seq AS bigint;

    -- The log, append-only. Times are milliseconds since the Unix epoch.
    CREATE TABLE behaviours (
      seq bigint PRIMARY KEY,
      event_id text COLLATE "C" NOT NULL,
      type text COLLATE "C" NOT NULL,
      user_id text COLLATE "C" NOT NULL,
      product_id text COLLATE "C",
      shop_id text COLLATE "C",
      occurred_at_ms bigint NOT NULL,
      quantity integer NOT NULL,
      price_minor bigint,
      currency text COLLATE "C",
      rating double precision,
      query text,
      session_id text COLLATE "C",
      dwell_ms double precision,
      rank_id text COLLATE "C",
      position bigint,
      referrer text,
      -- What a replay needs to know of the other side, as it was when the behaviour was logged.
      product_revision integer NOT NULL,
      context_shop_id text COLLATE "C",
      price_percentile double precision,
      traits jsonb NOT NULL,
      user_clarity double precision NOT NULL
    );
  `,
};
