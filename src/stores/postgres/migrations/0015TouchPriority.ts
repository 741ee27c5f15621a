import type { Migration } from './migration.js';

export const touchPriority: Migration = {
  id: 15,
  name: 'touch priority',
  sql: `
    -- priority: of a message that was asked for; NULL is 0. Of the kind "taken": the permit lost its slot to
    -- that of taken_by, of a message of higher priority. taken: it was sent (kind "committed") all the same.
    ALTER TABLE touch_ledger
      ADD COLUMN priority smallint,
      ADD COLUMN taken boolean,
      ADD COLUMN taken_by text COLLATE "C";
  `,
};
