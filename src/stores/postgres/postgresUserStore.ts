import type { User } from '../../identity/user.js';
import type { UserChange, UserStore } from '../../identity/userStore.js';
import {
  arraysOf,
  type Column,
  chunksOf,
  columnNames,
  lastOfEach,
  unnestOf,
  withoutNulls,
} from './columns.js';
import { PAGE_ROWS, pages, readPage } from './pages.js';
import type { Sql } from './sql.js';
import { jsonRecord, valuesByGivenId, wellFormed } from './text.js';
import { takeWriteLock } from './writeLocks.js';

const MAX_USERS_A_STATEMENT = 1_000;

const USER_COLUMNS: readonly Column<User>[] = [
  { name: 'user_id', type: 'text', value: (user) => user.userId },
  { name: 'gender', type: 'text', value: (user) => user.gender },
  { name: 'age_band', type: 'text', value: (user) => user.ageBand },
  { name: 'region', type: 'text', value: (user) => user.region },
  { name: 'timezone', type: 'text', value: (user) => user.timezone },
  { name: 'attributes', type: 'jsonb', value: (user) => jsonRecord(user.attributes) },
];

type UserRow = {
  readonly user_id: string;
  readonly gender: string | null;
  readonly age_band: string | null;
  readonly region: string | null;
  readonly timezone: string | null;
  readonly attributes: Readonly<Record<string, string>>;
};

/** Equal content is left alone and keeps its seq; what changed comes after everything that others have seen. */
const UPSERT = `
  INSERT INTO users (change_seq, ${columnNames(USER_COLUMNS)})
  SELECT nextval('people_change_seq'), given.* FROM (
    SELECT ${columnNames(USER_COLUMNS)} FROM ${unnestOf(USER_COLUMNS)} ORDER BY ordinal
  ) AS given
  ON CONFLICT (user_id) DO UPDATE SET
    change_seq = excluded.change_seq, gender = excluded.gender, age_band = excluded.age_band,
    region = excluded.region, timezone = excluded.timezone, attributes = excluded.attributes
  WHERE (users.gender, users.age_band, users.region, users.timezone, users.attributes)
    IS DISTINCT FROM
    (excluded.gender, excluded.age_band, excluded.region, excluded.timezone, excluded.attributes)`;

const SELECT = `SELECT ${columnNames(USER_COLUMNS)} FROM users`;

/** Users in PostgreSQL. Writers take turns (`writeLocks.ts`), so the changes that were read are final. */
export class PostgresUserStore implements UserStore {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  async upsertUsers(users: readonly User[]): Promise<void> {
    if (users.length === 0) return;
    await this.#sql.transaction(async (queries) => {
      await takeWriteLock(queries, 'people');
      for (const chunk of chunksOf(
        lastOfEach(users, (user) => user.userId),
        MAX_USERS_A_STATEMENT,
      )) {
        await queries.query(UPSERT, arraysOf(USER_COLUMNS, chunk));
      }
    });
  }

  async getUser(userId: string): Promise<User | undefined> {
    const [row] = await this.#sql.query<UserRow>(`${SELECT} WHERE user_id = $1`, [wellFormed(userId)]);
    return row === undefined ? undefined : userFromRow(row);
  }

  async getUsers(userIds: readonly string[]): Promise<ReadonlyMap<string, User>> {
    const ids = [...new Set(userIds.map(wellFormed))];
    if (ids.length === 0) return new Map();
    const select = `${SELECT} WHERE user_id = ANY ($1::text[])`;
    const rows = await readPage<UserRow>(this.#sql, { select, orderBy: 'user_id', values: [ids] });
    const found = new Map(rows.map((row) => [row.user_id, userFromRow(row)]));
    return valuesByGivenId(userIds, (id) => found.get(id));
  }

  allUsers(): AsyncIterable<User[]> {
    return pages({
      firstKey: '',
      readAfter: async (userId) => {
        const select = `${SELECT} WHERE user_id > $1 ORDER BY user_id LIMIT ${PAGE_ROWS}`;
        const rows = await readPage<UserRow>(this.#sql, { select, orderBy: 'user_id', values: [userId] });
        return rows.map(userFromRow);
      },
      keyOf: (user) => user.userId,
    });
  }

  async count(): Promise<number> {
    const [row] = await this.#sql.query<{ total: number }>('SELECT count(*) AS total FROM users');
    return row?.total ?? 0;
  }

  async changes({ afterSeq, limit }: { afterSeq: number; limit: number }): Promise<UserChange[]> {
    const select = `
      SELECT change_seq, ${columnNames(USER_COLUMNS)} FROM users
      WHERE change_seq > $1 ORDER BY change_seq LIMIT $2`;
    const values = [afterSeq, limit];
    const rows = await readPage<UserRow & { readonly change_seq: number }>(this.#sql, {
      select,
      orderBy: 'change_seq',
      values,
    });
    return rows.map((row) => ({ seq: row.change_seq, user: userFromRow(row) }));
  }

  async lastChangeSeq(): Promise<number> {
    const text = 'SELECT coalesce(max(change_seq), 0) AS seq FROM users';
    const [row] = await this.#sql.query<{ seq: number }>(text);
    return row?.seq ?? 0;
  }
}

function userFromRow(row: UserRow): User {
  return withoutNulls<User>({
    userId: row.user_id,
    gender: row.gender,
    ageBand: row.age_band,
    region: row.region,
    timezone: row.timezone,
    attributes: row.attributes,
  });
}
