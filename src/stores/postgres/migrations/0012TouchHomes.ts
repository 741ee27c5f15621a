import type { Migration } from './migration.js';

export const touchHomes: Migration = {
  id: 12,
  name: 'touch homes',
  sql: `
    -- Of the kind "home": under which id (home_id) the touches of an id (member_id) are kept from here
    -- on, by which change of the identities (people_change_seq).
    ALTER TABLE touch_ledger
      ADD COLUMN member_id text COLLATE "C",
      ADD COLUMN home_id text COLLATE "C",
      ADD COLUMN identity_seq bigint;
  `,
};
