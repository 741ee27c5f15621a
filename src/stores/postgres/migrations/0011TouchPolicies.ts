import type { Migration } from './migration.js';

export const touchPolicies: Migration = {
  id: 11,
  name: 'touch policies',
  sql: `
    -- Every version of the touch policy, append-only; the highest is in force.
    CREATE TABLE touch_policies (
      version bigint PRIMARY KEY,
      stored_at_ms bigint NOT NULL,
      policy jsonb NOT NULL
    );
  `,
};
