import type { Migration } from './migration.js';

export const partitionFunctions: Migration = {
  id: 5,
  name: 'partition functions',
  sql: `
    -- The partition of a person, the same as core/partitions.ts computes at every append: FNV-1a over
    -- the bytes of the id. For rows from before, and for whoever looks at the tables by hand.
    CREATE FUNCTION partition_of(user_id text) RETURNS smallint
    LANGUAGE plpgsql IMMUTABLE STRICT AS $$
    DECLARE
      id_bytes bytea := convert_to(user_id, 'UTF8');
      hash bigint := 2166136261;
    BEGIN
      FOR place IN 0..length(id_bytes) - 1 LOOP
        hash := ((hash # get_byte(id_bytes, place)) * 16777619) & 4294967295;
      END LOOP;
      RETURN ((hash >> 16) # hash) & 63;
    END
    $$;

    -- Makes the partitions of a table that is cut by month (UTC), from this month to so many months
    -- ahead, where they are missing. What the table's default partition caught of a month moves over.
    -- Whoever calls it holds the write lock of the table's writers.
    CREATE FUNCTION ensure_monthly_partitions(parent text, months_ahead integer) RETURNS void
    LANGUAGE plpgsql AS $$
    DECLARE
      this_month timestamp := date_trunc('month', now() AT TIME ZONE 'UTC');
      month timestamp;
      range_start timestamptz;
      range_end timestamptz;
      partition_name text;
      columns text;
      key_column text;
    BEGIN
      FOR ahead IN 0..months_ahead LOOP
        month := this_month + make_interval(months => ahead);
        partition_name := parent || to_char(month, '"_"YYYY"_"MM');
        CONTINUE WHEN to_regclass(quote_ident(partition_name)) IS NOT NULL;
        range_start := month AT TIME ZONE 'UTC';
        range_end := (month + interval '1 month') AT TIME ZONE 'UTC';
        SELECT attname INTO STRICT key_column
          FROM pg_partitioned_table JOIN pg_attribute ON attrelid = partrelid AND attnum = partattrs[0]
          WHERE partrelid = to_regclass(quote_ident(parent));
        SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) INTO columns
          FROM pg_attribute
          WHERE attrelid = to_regclass(quote_ident(parent)) AND attnum > 0 AND NOT attisdropped;
        EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING DEFAULTS)', partition_name, parent);
        EXECUTE format(
          'WITH caught AS (DELETE FROM %I WHERE %I >= %L AND %I < %L RETURNING %s)
           INSERT INTO %I (%s) SELECT %s FROM caught',
          parent || '_default', key_column, range_start, key_column, range_end, columns,
          partition_name, columns, columns
        );
        EXECUTE format(
          'ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
          parent, partition_name, range_start, range_end
        );
      END LOOP;
    END
    $$;
  `,
};
