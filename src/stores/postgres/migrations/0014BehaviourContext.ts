import type { Migration } from './migration.js';

export const behaviourContext: Migration = {
  id: 14,
  name: 'behaviour context',
  sql: `
    -- What a person's other behaviours taught of them is no longer logged with a behaviour: it depended on
    -- what had arrived by then. Products and shops fold it from the log (tags/audienceFold.ts).
    ALTER TABLE behaviours DROP COLUMN user_clarity;
    UPDATE behaviours SET traits = traits - 'spending_level' WHERE traits ? 'spending_level';
  `,
};
