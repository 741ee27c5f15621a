import type { Migration } from './migration.js';

export const users: Migration = {
  id: 3,
  name: 'users',
  sql: `
    CREATE TABLE users (
      user_id text COLLATE "C" PRIMARY KEY,
      gender text,
      age_band text,
      region text,
      timezone text,
      attributes jsonb NOT NULL
    );
  `,
};
