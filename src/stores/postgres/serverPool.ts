import { Socket } from 'node:net';
import { Client, type ClientConfig, Pool, type PoolClient, type QueryResult, types } from 'pg';
import { UnavailableError } from '../../core/errors.js';
import { SECOND_MS } from '../../core/time.js';
import { engineError, isConnectionLost, sqlState } from './engineError.js';
import { ServerWatch } from './serverWatch.js';
import type { Sql, SqlQueries, SqlRow, SqlValue } from './sql.js';

/** The longest that a call waits for a connection, free or new. */
const CONNECT_TIMEOUT_MS = 1_500;
const PROBE_TIMEOUT_MS = SECOND_MS;
/** Statements that take longer than this are given up. Only a count of a very long log comes near. */
const PATIENCE_MS = 300 * SECOND_MS;
/**
 * A process that stands still within a transaction (stopped, or swapped out) would hold its write
 * lock, and all other writers with it: after so long the server ends its transaction…
 */
const IDLE_IN_TRANSACTION_MS = 5 * SECOND_MS;
/** …and others wait a little longer than that for the lock. */
const LOCK_TIMEOUT_MS = 8 * SECOND_MS;
/** Each kind of write has one transaction under way at most; the rest is for readers. */
const MAX_CONNECTIONS = 10;
/** Statements kept prepared. The stores' texts are constants, far fewer than this. */
const MAX_PREPARED = 200;

/** A lost power cut must not take what was acknowledged, whatever the database's default is. */
const MAKE_DURABLE = `
  SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'`;

export interface ServerPoolOptions {
  /** `postgres://user:password@host:port/database?sslmode=…` */
  readonly url: string;
  /** For migrations: one connection, which waits for locks and answers as long as it takes. */
  readonly patient?: boolean;
}

/**
 * A PostgreSQL server through a pool of connections, which are made when they are needed: a server
 * that was restarted is used again with the next call. A server that is gone answers within about two
 * seconds, with `UnavailableError`. Nothing is retried here: a statement whose answer was lost may
 * have been done.
 */
export function openServerPool({ url, patient = false }: ServerPoolOptions): Sql {
  const sockets = new Set<Socket>();
  const config: ClientConfig = {
    connectionString: url,
    stream: () => {
      const socket = new Socket();
      sockets.add(socket);
      return socket.once('close', () => sockets.delete(socket));
    },
    application_name: 'tagrank',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    // Finds connections that a firewall forgot, and machines that went away while nothing was sent.
    keepAlive: true,
    keepAliveInitialDelayMillis: 5 * SECOND_MS,
    types: { getTypeParser },
  };
  const watch = new ServerWatch({
    probe: () => probe({ ...config, connectionTimeoutMillis: PROBE_TIMEOUT_MS }),
    patienceMs: patient ? Number.POSITIVE_INFINITY : PATIENCE_MS,
  });
  const pool = new Pool({
    ...config,
    max: patient ? 1 : MAX_CONNECTIONS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
    ...(!patient && { lock_timeout: LOCK_TIMEOUT_MS }),
    verify: (client, done) => {
      run(client, MAKE_DURABLE).then(() => done(), done);
    },
  });
  // A connection that breaks says so to whoever uses it, and to its listeners, of which there must be
  // one or the process ends. The pool drops it, and the next call makes another.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  const nameOf = statementNames();

  async function run<Row extends SqlRow>(
    client: PoolClient,
    text: string,
    values?: readonly SqlValue[],
  ): Promise<QueryResult<Row>> {
    const statement = values === undefined ? text : { name: nameOf(text), text, values: [...values] };
    try {
      return await watch.over({ answer: client.query<Row>(statement), hangUp: () => void client.end() });
    } catch (error) {
      throw engineError(error);
    }
  }

  function queriesOn(client: PoolClient): SqlQueries {
    return {
      query: async <Row extends SqlRow>(text: string, values: readonly SqlValue[] = []) =>
        (await run<Row>(client, text, values)).rows,
      exec: async (text) => {
        await run(client, text);
      },
    };
  }

  /** `work` on a connection that goes back into the pool, unless it broke. */
  async function onConnection<Result>(work: (client: PoolClient) => Promise<Result>): Promise<Result> {
    const client = await pool.connect().catch((error: unknown) => {
      throw engineError(error);
    });
    let broken = false;
    try {
      return await work(client);
    } catch (error) {
      broken = isConnectionLost(error);
      throw error;
    } finally {
      client.release(broken);
    }
  }

  async function runTransaction<Result>(
    client: PoolClient,
    work: (queries: SqlQueries) => Promise<Result>,
  ): Promise<Result> {
    // Said, because a database may have another default, and under that one writers that waited for
    // their turn would not see what the writer before them wrote.
    await run(client, 'BEGIN ISOLATION LEVEL READ COMMITTED');
    let result: Result;
    try {
      result = await work(queriesOn(client));
    } catch (error) {
      // When the connection is lost the server rolls back by itself.
      if (!isConnectionLost(error)) await run(client, 'ROLLBACK');
      throw error;
    }
    // Of a transaction in which a statement failed PostgreSQL makes a rollback, and no error of it.
    const { command } = await run(client, 'COMMIT');
    if (command !== 'COMMIT') throw new UnavailableError('database: the transaction was rolled back');
    return result;
  }

  return {
    query: (text, values) => onConnection((client) => queriesOn(client).query(text, values)),
    exec: (text) => onConnection((client) => queriesOn(client).exec(text)),
    transaction: (work) => onConnection((client) => runTransaction(client, work)),
    close: async () => {
      if (!pool.ending) await within(CONNECT_TIMEOUT_MS, pool.end());
      // A server that hangs never says goodbye, and an open connection would keep the process alive.
      for (const socket of sockets) socket.destroy();
    },
  };
}

async function probe(config: ClientConfig): Promise<void> {
  const client = new Client(config);
  client.on('error', () => undefined);
  try {
    await client.connect();
  } catch (error) {
    // It refuses us with a reason of its own (too many connections): so it lives.
    if (sqlState(error) === undefined) throw error;
  } finally {
    void client.end();
  }
}

function getTypeParser(...[oid, format]: Parameters<typeof types.getTypeParser>) {
  return oid === types.builtins.INT8 ? safeInteger : types.getTypeParser(oid, format);
}

function safeInteger(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value))
    throw new Error(`${text} is beyond the whole numbers that are exact here`);
  return value;
}

/** A name for each text, so that a connection plans it once. */
function statementNames(): (text: string) => string | undefined {
  const names = new Map<string, string>();
  return (text) => {
    const known = names.get(text);
    if (known !== undefined || names.size >= MAX_PREPARED) return known;
    const name = `tagrank_${names.size + 1}`;
    names.set(text, name);
    return name;
  };
}

/** Resolves when `task` does, or when the time is up. */
async function within(ms: number, task: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeUp = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([task, timeUp]);
  clearTimeout(timer);
}
