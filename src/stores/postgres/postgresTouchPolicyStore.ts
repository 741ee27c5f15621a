import { FailedPreconditionError } from '../../core/errors.js';
import type { EpochMs } from '../../core/time.js';
import type { TouchPolicy } from '../../touch/touchPolicy.js';
import type { StoredTouchPolicy, TouchPolicyStore } from '../../touch/touchPolicyStore.js';
import type { Sql } from './sql.js';
import { takeWriteLock } from './writeLocks.js';

type PolicyRow = { readonly stored_at_ms: number; readonly policy: TouchPolicy };

const SELECT = 'SELECT stored_at_ms, policy FROM touch_policies';

/** Versions of the touch policy in PostgreSQL. */
export class PostgresTouchPolicyStore implements TouchPolicyStore {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  async latest(): Promise<StoredTouchPolicy | undefined> {
    const [row] = await this.#sql.query<PolicyRow>(`${SELECT} ORDER BY version DESC LIMIT 1`);
    return row && policyFromRow(row);
  }

  async get(version: number): Promise<StoredTouchPolicy | undefined> {
    const [row] = await this.#sql.query<PolicyRow>(`${SELECT} WHERE version = $1`, [version]);
    return row && policyFromRow(row);
  }

  async learningSince(version: number): Promise<StoredTouchPolicy[]> {
    const rows = await this.#sql.query<PolicyRow>(
      `${SELECT} WHERE version > $1 AND policy -> 'learning' IS NOT NULL ORDER BY version`,
      [version],
    );
    return rows.map(policyFromRow);
  }

  async append(policy: TouchPolicy, storedAtMs: EpochMs): Promise<void> {
    await this.#sql.transaction(async (queries) => {
      await takeWriteLock(queries, 'touchPolicies');
      const [row] = await queries.query<{ version: number | null }>(
        'SELECT max(version) AS version FROM touch_policies',
      );
      const latest = row?.version ?? undefined;
      if (latest !== undefined && policy.version !== latest + 1) {
        throw new FailedPreconditionError(
          `touch policy ${policy.version} cannot follow version ${latest}, which is in force`,
        );
      }
      await queries.query('INSERT INTO touch_policies (version, stored_at_ms, policy) VALUES ($1, $2, $3)', [
        policy.version,
        storedAtMs,
        JSON.stringify(policy),
      ]);
    });
  }
}

function policyFromRow(row: PolicyRow): StoredTouchPolicy {
  return { policy: row.policy, storedAtMs: row.stored_at_ms };
}
