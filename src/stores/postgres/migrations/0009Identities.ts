import type { Migration } from './migration.js';

export const identities: Migration = {
  id: 9,
  name: 'identities',
  sql: `
    -- Which ids are one person, now. An id without a row is a person of its own, and so is one whose
    -- person_id is itself and nobody else's. The person_id is always one of the person's own ids.
    CREATE TABLE identities (
      user_id text COLLATE "C" PRIMARY KEY,
      person_id text COLLATE "C" NOT NULL,
      kind text,
      linked_at_ms bigint NOT NULL,
      change_seq bigint NOT NULL
    );
    CREATE INDEX identities_by_person ON identities (person_id, user_id);
    CREATE UNIQUE INDEX identities_by_change ON identities (change_seq);

    -- Every link and unlink that changed something, append-only: what was said, and which ids went
    -- from which person to which.
    CREATE TABLE identity_history (
      seq bigint PRIMARY KEY,
      action text COLLATE "C" NOT NULL,
      user_id text COLLATE "C",
      other_id text COLLATE "C" NOT NULL,
      kind text,
      at_ms bigint NOT NULL,
      from_person_id text COLLATE "C" NOT NULL,
      to_person_id text COLLATE "C" NOT NULL,
      moved_ids text[] COLLATE "C" NOT NULL
    );
  `,
};
