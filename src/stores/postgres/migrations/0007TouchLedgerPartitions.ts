import type { Migration } from './migration.js';

export const touchLedgerPartitions: Migration = {
  id: 7,
  name: 'touch ledger partitions',
  sql: `
    -- The person's partition (core/partitions.ts).
    ALTER TABLE touch_ledger ADD COLUMN user_partition smallint;
    UPDATE touch_ledger SET user_partition = people.user_partition
      FROM (
        SELECT user_id, partition_of(user_id) AS user_partition
        FROM (SELECT DISTINCT user_id FROM touch_ledger) AS ids
      ) AS people
      WHERE touch_ledger.user_id = people.user_id;
    ALTER TABLE touch_ledger ALTER COLUMN user_partition SET NOT NULL;
  `,
};
