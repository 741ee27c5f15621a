import type { Migration } from './migration.js';

export const tagOverrides: Migration = {
  id: 16,
  name: 'tag overrides',
  sql: `
    -- Every word that an operator ever said of a tag, append-only but for is_current: the last word on each
    -- subject and tag. A tag that is left to itself again has a last word too, of the action "delete".
    -- Seqs are drawn under the write lock (writeLocks.ts): a lower one never becomes visible after a higher.
    CREATE SEQUENCE tag_override_change_seq AS bigint;
    CREATE TABLE tag_overrides (
      change_seq bigint PRIMARY KEY,
      subject_kind text COLLATE "C" NOT NULL,
      subject_id text COLLATE "C" NOT NULL,
      tag text COLLATE "C" NOT NULL,
      action text COLLATE "C" NOT NULL,
      weight double precision,
      note text,
      set_by text NOT NULL,
      set_at_ms bigint NOT NULL,
      is_current boolean NOT NULL
    );
    CREATE UNIQUE INDEX tag_overrides_last_word ON tag_overrides (subject_kind, subject_id, tag) WHERE is_current;
    CREATE INDEX tag_overrides_by_subject ON tag_overrides (subject_kind, subject_id, change_seq);
  `,
};
