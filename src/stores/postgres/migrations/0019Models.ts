import type { Migration } from './migration.js';

export const models: Migration = {
  id: 19,
  name: 'models',
  sql: `
    -- Ranking models that operators brought, whole, so that every server has them. The manifest as it was
    -- given, the model in base64.
    CREATE TABLE models (
      version text COLLATE "C" PRIMARY KEY,
      manifest text NOT NULL,
      model text NOT NULL,
      added_by text NOT NULL,
      added_at_ms bigint NOT NULL
    );
    -- Every word on which model ranks and which one only watches, append-only; the last one of each role holds.
    -- Without a version: the model of the servers' settings, or no shadow. A word that takes the one before it
    -- back says so. Seqs are drawn under the write lock (writeLocks.ts).
    CREATE SEQUENCE model_change_seq AS bigint;
    CREATE TABLE model_changes (
      change_seq bigint PRIMARY KEY,
      role text COLLATE "C" NOT NULL,
      version text COLLATE "C" REFERENCES models (version),
      is_rollback boolean NOT NULL,
      set_by text NOT NULL,
      note text,
      set_at_ms bigint NOT NULL
    );
    CREATE INDEX model_changes_by_role ON model_changes (role, change_seq);
  `,
};
