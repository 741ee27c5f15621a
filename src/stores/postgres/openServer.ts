import { FailedPreconditionError, UnavailableError } from '../../core/errors.js';
import { sqlState } from './engineError.js';
import { migrate } from './migrate.js';
import { MIGRATIONS } from './migrations/index.js';
import { openServerPool } from './serverPool.js';
import type { Sql } from './sql.js';

const OLDEST_MAJOR = 15;

/**
 * A PostgreSQL server at the newest schema. Servers of ours that start together wait for each other
 * over the migrations. Throws `UnavailableError` when the server cannot be reached now, and
 * `FailedPreconditionError` when it never will do as it is: it refuses the login, has no such
 * database, is older than 15, does not keep UTF-8, is a read-only standby, or has a newer schema.
 */
export async function openServer(url: string): Promise<Sql> {
  const address = addressOf(url);
  const migrating = openServerPool({ url, patient: true });
  try {
    await refuseUnfit(migrating);
    await migrate(migrating, MIGRATIONS);
  } catch (error) {
    throw explained(error, address);
  } finally {
    await migrating.close();
  }
  return openServerPool({ url });
}

async function refuseUnfit(sql: Sql): Promise<void> {
  const [server] = await sql.query<{ version: string; encoding: string; is_standby: boolean }>(`
    SELECT current_setting('server_version') AS version, current_setting('server_encoding') AS encoding,
      pg_is_in_recovery() AS is_standby`);
  if (server === undefined) throw new UnavailableError('it did not say what it is');
  const { is_standby: isStandby, ...facts } = server;
  const reason = unfitness({ ...facts, isStandby });
  if (reason !== undefined) throw new FailedPreconditionError(reason);
}

/** Why such a server cannot keep the truth; undefined when it can. */
export function unfitness(server: {
  /** As `server_version`, such as `15.4 (Debian 15.4-1)`. */
  readonly version: string;
  readonly encoding: string;
  readonly isStandby: boolean;
}): string | undefined {
  const { version, encoding, isStandby } = server;
  if (Number.parseInt(version, 10) < OLDEST_MAJOR) {
    return `it is version ${version}, and ${OLDEST_MAJOR} or later is needed`;
  }
  if (encoding !== 'UTF8') return `the database keeps text in ${encoding}, and UTF8 is needed`;
  return isStandby ? 'it is a standby, which cannot be written to' : undefined;
}

/** SQLSTATE classes of a login that was refused, and of a database that is not there. */
const NEVER = ['28', '3D'];

function explained(error: unknown, address: string): unknown {
  if (error instanceof FailedPreconditionError) {
    return new FailedPreconditionError(`PostgreSQL at ${address}: ${error.message}`, { cause: error });
  }
  if (!(error instanceof UnavailableError)) return error;
  const message = error.message.replace(/^database: /, '');
  const state = sqlState(error.cause) ?? '';
  if (NEVER.some((start) => state.startsWith(start))) {
    return new FailedPreconditionError(`PostgreSQL at ${address} refused the login: ${message}`, {
      cause: error,
    });
  }
  return new UnavailableError(`PostgreSQL at ${address}: ${message}`, { cause: error });
}

/** Where the URL points to, without what is secret in it. */
function addressOf(url: string): string {
  if (!URL.canParse(url)) throw new FailedPreconditionError('the address of PostgreSQL is not a URL');
  const { hostname, port, pathname } = new URL(url);
  return `${hostname}:${port === '' ? '5432' : port}${pathname}`;
}
