import type { FairnessState } from '../../fairness/fairnessState.js';
import type { FairnessStore } from '../../fairness/fairnessStore.js';
import type { Sql } from './sql.js';

/** One statement, so that of two servers exactly one takes the step: the other finds the version moved on. */
const REPLACE = `
  INSERT INTO fairness_state (version, state) SELECT $1::bigint, $2::jsonb
  WHERE $1::bigint = 1 OR EXISTS (SELECT 1 FROM fairness_state)
  ON CONFLICT (is_only) DO UPDATE SET version = excluded.version, state = excluded.state
    WHERE fairness_state.version = excluded.version - 1
  RETURNING version`;

/** The state of the fairness loop in PostgreSQL. */
export class PostgresFairnessStore implements FairnessStore {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  async read(aboveVersion: number): Promise<FairnessState | undefined> {
    const [row] = await this.#sql.query<{ version: number; state: Omit<FairnessState, 'version'> }>(
      'SELECT version, state FROM fairness_state WHERE version > $1',
      [aboveVersion],
    );
    return row && { ...row.state, version: row.version };
  }

  async replace({ version, ...state }: FairnessState): Promise<boolean> {
    const rows = await this.#sql.query(REPLACE, [version, JSON.stringify(state)]);
    return rows.length > 0;
  }
}
