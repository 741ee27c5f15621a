import { FailedPreconditionError, NotFoundError } from '../../core/errors.js';
import type {
  KeptModel,
  ModelChange,
  ModelFiles,
  ModelRole,
  ModelStore,
  ModelWord,
} from '../../inference/modelStore.js';
import type { Sql, SqlQueries } from './sql.js';
import { takeWriteLock } from './writeLocks.js';

type KeptRow = {
  readonly version: string;
  readonly manifest: string;
  readonly added_by: string;
  readonly added_at_ms: number;
};

type ChangeRow = {
  readonly change_seq: number;
  readonly role: ModelRole;
  readonly version: string | null;
  readonly is_rollback: boolean;
  readonly set_by: string;
  readonly note: string | null;
  readonly set_at_ms: number;
};

const CHANGES = 'SELECT change_seq, role, version, is_rollback, set_by, note, set_at_ms FROM model_changes';

/** Models in PostgreSQL. */
export class PostgresModelStore implements ModelStore {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  add({ version, manifest, bytes, addedBy, addedAtMs }: KeptModel & ModelFiles): Promise<boolean> {
    const model = Buffer.from(bytes).toString('base64');
    return this.#inTurn(async (queries) => {
      const [known] = await queries.query<{ manifest: string; model: string }>(
        'SELECT manifest, model FROM models WHERE version = $1',
        [version],
      );
      if (known === undefined) {
        await queries.query(
          'INSERT INTO models (version, manifest, model, added_by, added_at_ms) VALUES ($1, $2, $3, $4, $5)',
          [version, manifest, model, addedBy, addedAtMs],
        );
        return true;
      }
      if (known.model === model && known.manifest === manifest) return false;
      throw new FailedPreconditionError(
        `version: ${version} is another model, which is kept; give this one a version of its own`,
      );
    });
  }

  async read(version: string): Promise<ModelFiles | undefined> {
    const [row] = await this.#sql.query<{ manifest: string; model: string }>(
      'SELECT manifest, model FROM models WHERE version = $1',
      [version],
    );
    return row && { manifest: row.manifest, bytes: Buffer.from(row.model, 'base64') };
  }

  async list(): Promise<KeptModel[]> {
    const rows = await this.#sql.query<KeptRow>(
      'SELECT version, manifest, added_by, added_at_ms FROM models ORDER BY added_at_ms, version',
    );
    return rows.map(({ version, manifest, added_by, added_at_ms }) => ({
      version,
      manifest,
      addedBy: added_by,
      addedAtMs: added_at_ms,
    }));
  }

  give(word: ModelWord): Promise<boolean> {
    return this.#inTurn(async (queries) => {
      const { version } = word;
      if (version !== undefined) await refuseUnknown(queries, version);
      const last = await lastOf(queries, word.role);
      if (last?.version === version) return false;
      await say(queries, { ...word, isRollback: false });
      return true;
    });
  }

  rollBack({ ifActive, ...word }: Parameters<ModelStore['rollBack']>[0]): ReturnType<ModelStore['rollBack']> {
    return this.#inTurn(async (queries) => {
      const past = await queries.query<ChangeRow>(`${CHANGES} WHERE role = 'active' ORDER BY change_seq`);
      const standing: (string | undefined)[] = [];
      for (const { version, is_rollback } of past) {
        if (is_rollback) standing.pop();
        else standing.push(version ?? undefined);
      }
      if (standing.length === 0 || (ifActive !== undefined && standing.at(-1) !== ifActive)) return undefined;
      const version = standing.at(-2);
      await say(queries, {
        ...word,
        role: 'active',
        ...(version !== undefined && { version }),
        isRollback: true,
      });
      return { version };
    });
  }

  async inForce(): Promise<Partial<Record<ModelRole, ModelChange>>> {
    const rows = await this.#sql.query<ChangeRow>(
      `SELECT DISTINCT ON (role) change_seq, role, version, is_rollback, set_by, note, set_at_ms
       FROM model_changes ORDER BY role, change_seq DESC`,
    );
    return Object.fromEntries(rows.map((row) => [row.role, changeFromRow(row)]));
  }

  async changes(limit: number): Promise<ModelChange[]> {
    const rows = await this.#sql.query<ChangeRow>(`${CHANGES} ORDER BY change_seq DESC LIMIT $1`, [limit]);
    return rows.map(changeFromRow);
  }

  #inTurn<Result>(work: (queries: SqlQueries) => Promise<Result>): Promise<Result> {
    return this.#sql.transaction(async (queries) => {
      await takeWriteLock(queries, 'models');
      return work(queries);
    });
  }
}

async function refuseUnknown(queries: SqlQueries, version: string): Promise<void> {
  const known = await queries.query('SELECT 1 FROM models WHERE version = $1', [version]);
  if (known.length === 0) throw new NotFoundError(`no model ${JSON.stringify(version)} was added`);
}

async function lastOf(queries: SqlQueries, role: ModelRole): Promise<ModelChange | undefined> {
  const [row] = await queries.query<ChangeRow>(
    `${CHANGES} WHERE role = $1 ORDER BY change_seq DESC LIMIT 1`,
    [role],
  );
  return row && changeFromRow(row);
}

async function say(
  queries: SqlQueries,
  { role, version, isRollback, setBy, note, setAtMs }: Omit<ModelChange, 'seq'>,
): Promise<void> {
  await queries.query(
    `INSERT INTO model_changes (change_seq, role, version, is_rollback, set_by, note, set_at_ms)
     VALUES (nextval('model_change_seq'), $1, $2, $3, $4, $5, $6)`,
    [role, version ?? null, isRollback, setBy, note ?? null, setAtMs],
  );
}

function changeFromRow(row: ChangeRow): ModelChange {
  return {
    seq: row.change_seq,
    role: row.role,
    ...(row.version !== null && { version: row.version }),
    isRollback: row.is_rollback,
    setBy: row.set_by,
    ...(row.note !== null && { note: row.note }),
    setAtMs: row.set_at_ms,
  };
}
