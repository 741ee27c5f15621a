import type { Migration } from './migration.js';

export const touchFailures: Migration = {
  id: 18,
  name: 'touch failures',
  sql: `
    -- Of a reservation that was copied when touches moved: what the channel had reported of its message.
    ALTER TABLE touch_ledger ADD COLUMN failed text COLLATE "C";
  `,
};
