import type { Migration } from './migration.js';

export const touchLedger: Migration = {
  id: 4,
  name: 'touch ledger',
  sql: `
    CREATE SEQUENCE touch_ledger_seq AS bigint;

    -- Every decision that reserved, committed, released or was refused, and every outcome, append-only.
    -- A column that an entry of that kind does not have is NULL.
    CREATE TABLE touch_ledger (
      seq bigint PRIMARY KEY,
      kind text COLLATE "C" NOT NULL,
      user_id text COLLATE "C" NOT NULL,
      at_ms bigint NOT NULL,
      request_id text COLLATE "C",
      permit_id text COLLATE "C",
      channel text COLLATE "C",
      campaign_type text COLLATE "C",
      shop_id text COLLATE "C",
      campaign_id text COLLATE "C",
      expires_at_ms bigint,
      policy_version bigint,
      rule_id text COLLATE "C",
      reason text COLLATE "C",
      verdict text COLLATE "C",
      not_before_ms bigint,
      late boolean,
      outcome text COLLATE "C",
      recorded_at_ms bigint
    );
  `,
};
