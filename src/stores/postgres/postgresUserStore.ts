import type { User } from '../../identity/user.js';
import type { UserStore } from '../../identity/userStore.js';
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
import { jsonRecord, wellFormed } from './text.js';

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

/** Rows are locked in the order of ids, so that two calls cannot deadlock; equal content is left alone. */
const UPSERT = `
  INSERT INTO users (${columnNames(USER_COLUMNS)})
  SELECT ${columnNames(USER_COLUMNS)} FROM ${unnestOf(USER_COLUMNS)} ORDER BY ordinal
  ON CONFLICT (user_id) DO UPDATE SET
    gender = excluded.gender, age_band = excluded.age_band, region = excluded.region,
    timezone = excluded.timezone, attributes = excluded.attributes
  WHERE (users.*) IS DISTINCT FROM (excluded.*)`;

const SELECT = `SELECT ${columnNames(USER_COLUMNS)} FROM users`;

/** Users in PostgreSQL. */
export class PostgresUserStore implements UserStore {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  async upsertUsers(users: readonly User[]): Promise<void> {
    if (users.length === 0) return;
    await this.#sql.transaction(async (queries) => {
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
