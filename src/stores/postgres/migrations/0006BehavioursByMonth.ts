import type { Migration } from './migration.js';

export const behavioursByMonth: Migration = {
  id: 6,
  name: 'behaviours by month',
  sql: `
    ALTER TABLE behaviours RENAME TO behaviours_in_one;

    -- The log, append-only, cut by the month (UTC) in which a behaviour was logged: what is too old
    -- goes by dropping a table. No index is unique: behaviour_event_ids and behaviour_seq see to that.
    CREATE TABLE behaviours (
      seq bigint NOT NULL,
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
      user_clarity double precision NOT NULL,
      -- The person's partition (core/partitions.ts).
      user_partition smallint NOT NULL,
      -- When the transaction that logged it began.
      logged_at timestamptz NOT NULL DEFAULT now()
    ) PARTITION BY RANGE (logged_at);

    -- Catches what no month is there for, so that a behaviour is never refused for its date.
    CREATE TABLE behaviours_default PARTITION OF behaviours DEFAULT;
    SELECT ensure_monthly_partitions('behaviours', 3);

    -- What is in the log already counts as logged now: when it was, nobody wrote down.
    INSERT INTO behaviours (
        seq, event_id, type, user_id, product_id, shop_id, occurred_at_ms, quantity, price_minor,
        currency, rating, query, session_id, dwell_ms, rank_id, position, referrer, product_revision,
        context_shop_id, price_percentile, traits, user_clarity,
        user_partition
      )
      SELECT
        seq, event_id, type, user_id, product_id, shop_id, occurred_at_ms, quantity, price_minor,
        currency, rating, query, session_id, dwell_ms, rank_id, position, referrer, product_revision,
        context_shop_id, price_percentile, traits, user_clarity,
        people.user_partition
      FROM behaviours_in_one JOIN (
        SELECT user_id, partition_of(user_id) AS user_partition
        FROM (SELECT DISTINCT user_id FROM behaviours_in_one) AS ids
      ) AS people USING (user_id)
      ORDER BY seq;
    DROP TABLE behaviours_in_one;

    -- In log order; and person by person. Partitions are read in log order too (readInSeq.ts).
    CREATE INDEX behaviours_by_seq ON behaviours (seq);
    CREATE INDEX behaviours_by_user ON behaviours (user_partition, user_id, seq);
  `,
};
