/** What a query can be given. A `bigint` column takes a safe integer, `jsonb` takes JSON text. */
export type SqlScalar = string | number | boolean | null;
export type SqlValue = SqlScalar | readonly SqlScalar[];

/** A row as it comes back: `bigint` as a number, `jsonb` parsed, NULL as null, arrays as arrays. */
export type SqlRow = Readonly<Record<string, unknown>>;

/** Where queries run: on their own, or inside a transaction. */
export interface SqlQueries {
  /** One statement; `$1`, `$2`… stand for `values`. */
  query<Row extends SqlRow = SqlRow>(text: string, values?: readonly SqlValue[]): Promise<Row[]>;
  /** Any number of statements without values, such as a migration. */
  exec(text: string): Promise<void>;
}

/**
 * A PostgreSQL to talk to: PGlite in embedded mode, a server's pool elsewhere. The same text runs
 * on both.
 *
 * - Errors are those of `core/errors.ts`, with the engine's own as `cause`: `InvalidInputError` when
 *   the engine refused a value, `UnavailableError` for everything else.
 * - `transaction` commits when `work` resolves and rolls back when it rejects. It resolves only when
 *   the commit is durable: killing the process afterwards loses nothing. Isolation is READ COMMITTED.
 * - `work` uses the queries it is handed and never the outer ones (on one connection that waits
 *   for ever).
 */
export interface Sql extends SqlQueries {
  transaction<Result>(work: (queries: SqlQueries) => Promise<Result>): Promise<Result>;
  close(): Promise<void>;
}
