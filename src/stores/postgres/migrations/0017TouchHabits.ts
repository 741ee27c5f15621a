import type { Migration } from './migration.js';

export const touchHabits: Migration = {
  id: 17,
  name: 'touch habits',
  sql: `
    -- How people of each segment treat messages, as believed from from_ms on until the next; append-only.
    CREATE TABLE touch_habits (
      from_ms bigint PRIMARY KEY,
      segments jsonb NOT NULL
    );
  `,
};
