import { type ChildProcessByStdio, execFileSync, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import {
  chownSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { openServer } from '../../src/stores/postgres/openServer.js';
import { foundEngine } from './requiredEngine.js';

/** A PostgreSQL of our own on a free loopback port. */
export interface TestPostgres {
  readonly port: number;
  /** Of a database without a schema, for an owner who may do everything. */
  readonly url: string;
  /** The URL of a new database: without a schema, or as a clone of one at the newest schema (milliseconds). */
  createDatabase(options?: { readonly migrated?: boolean }): Promise<string>;
  /** One statement as the owner, on the database of `url`. */
  sql(text: string): Promise<void>;
  /** SIGKILL for the server and everything that it started, and wait until it is gone. */
  kill9(): Promise<void>;
  /** Starts a server that was killed on its old port and data; resolves when it answers. */
  restart(): Promise<void>;
  /** Stops all of its processes as though its machine hung (SIGSTOP), until `resume`. Linux only. */
  pause(): void;
  resume(): void;
  /** Kills it and removes what it wrote. */
  stop(): Promise<void>;
}

export interface PostgresServerOptions {
  /** Further settings, as in postgresql.conf. */
  readonly settings?: Readonly<Record<string, string>>;
}

const OLDEST_MAJOR = 15;
const OWNER = 'tagrank';
const TEMPLATE = 'tagrank_template';

/** The directory with `postgres` and `initdb` of version 15 or later; undefined where none is installed. */
export function postgresBinaries(): string | undefined {
  const debian = '/usr/lib/postgresql';
  const installed = existsSync(debian) ? readdirSync(debian).map((major) => join(debian, major, 'bin')) : [];
  const onPath = (process.env.PATH ?? '').split(':').filter((directory) => directory !== '');
  const directories = [...onPath, ...installed.sort().reverse()];
  return foundEngine(
    `PostgreSQL ${OLDEST_MAJOR}`,
    directories.find((directory) => majorOf(directory) >= OLDEST_MAJOR),
  );
}

function majorOf(directory: string): number {
  if (!existsSync(join(directory, 'initdb')) || !existsSync(join(directory, 'postgres'))) return 0;
  const version = execFileSync(join(directory, 'postgres'), ['--version'], { encoding: 'utf8' });
  return Number(/(\d+)/.exec(version)?.[1] ?? 0);
}

/** Starts one with a new data directory, and `fsync` on: half a second. */
export async function startPostgres(options: PostgresServerOptions = {}): Promise<TestPostgres> {
  const binaries = postgresBinaries();
  if (binaries === undefined) throw new Error('there is no PostgreSQL 15 or later on this machine');
  const directory = mkdtempSync(join(tmpdir(), 'tagrank-postgres-'));
  const account = unprivileged();
  if (account !== undefined) chownSync(directory, account.uid, account.gid);
  const password = randomUUID();
  writeFileSync(join(directory, 'password'), password);
  execFileSync(
    join(binaries, 'initdb'),
    [
      ...['--pgdata', join(directory, 'data'), '--username', OWNER, '--pwfile', join(directory, 'password')],
      ...['--auth', 'scram-sha-256', '--encoding', 'UTF8', '--locale', 'C', '--no-sync'],
    ],
    { stdio: ['ignore', 'ignore', 'inherit'], env: {}, ...account },
  );
  for (let attempts = 5; ; attempts -= 1) {
    const server = new PostgresProcess({
      port: await freePort(),
      binaries,
      directory,
      account,
      password,
      options,
    });
    try {
      await server.restart();
      return server;
    } catch (error) {
      // Between finding a port free and listening on it another may have taken it.
      if (attempts === 1) throw error;
    }
  }
}

interface Account {
  readonly uid: number;
  readonly gid: number;
}

/** Whom the server runs as where we are root, whom it refuses. */
function unprivileged(): Account | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const lines = readFileSync('/etc/passwd', 'utf8').split('\n');
  const entry = lines.find((line) => line.startsWith('postgres:')) ?? 'nobody:x:65534:65534';
  const [, , uid, gid] = entry.split(':');
  return { uid: Number(uid), gid: Number(gid) };
}

/**
 * The shell between us and the server holds our pipe: when this process ends, however it ends, the
 * pipe closes and the shell kills the server, whose own children then end. Nothing is left behind by
 * a test run that was itself killed.
 */
const GUARDED = `
  exec 3<&0
  "$@" 2>&1 & child=$!
  echo "pid $child"
  exec 2>/dev/null
  ( read -r _ <&3; kill -9 $child ) >/dev/null & guard=$!
  wait $child
  kill $guard
`;

class PostgresProcess implements TestPostgres {
  readonly port: number;
  readonly url: string;
  readonly #command: readonly string[];
  readonly #directory: string;
  readonly #account: Account | undefined;
  #shell: ChildProcessByStdio<Writable, Readable, null> | undefined;
  #pid = 0;
  #databases = 0;
  #template: Promise<void> | undefined;

  constructor(of: {
    readonly port: number;
    readonly binaries: string;
    readonly directory: string;
    readonly account: Account | undefined;
    readonly password: string;
    readonly options: PostgresServerOptions;
  }) {
    this.port = of.port;
    this.url = `postgres://${OWNER}:${of.password}@127.0.0.1:${of.port}/postgres`;
    this.#directory = of.directory;
    this.#account = of.account;
    const settings = {
      listen_addresses: '127.0.0.1',
      port: String(of.port),
      unix_socket_directories: '',
      max_connections: '100',
      // A recovery makes sure of all files at once, not one by one: 0.2 s against 3 s on a busy disk.
      ...(process.platform === 'linux' && { recovery_init_sync_method: 'syncfs' }),
      ...of.options.settings,
    };
    this.#command = [
      join(of.binaries, 'postgres'),
      ...['-D', join(of.directory, 'data')],
      ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    ];
  }

  async restart(): Promise<void> {
    if (this.#shell !== undefined) throw new Error(`the PostgreSQL on ${this.port} runs already`);
    for (;;) {
      const log = await this.#start();
      if (log === undefined) return;
      // What was killed is dead, but takes a moment to let go of the shared memory.
      if (!log.includes('still in use')) throw new Error(`PostgreSQL did not start:\n${log}`);
      await sleep(20);
    }
  }

  /** Resolves with undefined when it answers, with the last it said when it ends instead. */
  async #start(): Promise<string | undefined> {
    const shell = spawn('/bin/sh', ['-c', GUARDED, 'sh', ...this.#command], {
      stdio: ['pipe', 'pipe', 'inherit'],
      cwd: this.#directory,
      env: {},
      ...this.#account,
    });
    this.#shell = shell;
    const log: string[] = [];
    for await (const line of createInterface({ input: shell.stdout })) {
      log.push(line);
      if (line.startsWith('pid ')) this.#pid = Number(line.slice(4));
      if (!line.includes('ready to accept connections')) continue;
      // Read on, or the pipe fills up and the server stands still.
      shell.stdout.resume();
      return undefined;
    }
    this.#shell = undefined;
    return log.slice(-5).join('\n');
  }

  async kill9(): Promise<void> {
    const shell = this.#shell;
    if (shell === undefined) return;
    this.#shell = undefined;
    const gone = once(shell, 'exit');
    // Stopped first: a process that it starts while we look would survive.
    signal(this.#pid, 'SIGSTOP');
    for (const pid of this.#processes()) signal(pid, 'SIGKILL');
    shell.stdin.end();
    await gone;
  }

  pause(): void {
    for (const pid of this.#processes()) signal(pid, 'SIGSTOP');
  }

  resume(): void {
    for (const pid of this.#processes()) signal(pid, 'SIGCONT');
  }

  async stop(): Promise<void> {
    const shell = this.#shell;
    if (shell !== undefined) {
      this.#shell = undefined;
      const gone = once(shell, 'exit');
      // Its way of ending at once, in which it collects its own children; a stopped one has to hear it.
      signal(this.#pid, 'SIGQUIT');
      this.resume();
      await gone;
    }
    rmSync(this.#directory, { recursive: true, force: true, maxRetries: 5 });
  }

  async createDatabase({ migrated = true }: { readonly migrated?: boolean } = {}): Promise<string> {
    if (migrated) await this.#makeTemplate();
    this.#databases += 1;
    const name = `test_${this.#databases}`;
    await this.sql(`CREATE DATABASE ${name}${migrated ? ` TEMPLATE ${TEMPLATE}` : ''}`);
    return this.#urlOf(name);
  }

  async sql(text: string): Promise<void> {
    const client = new Client(this.url);
    await client.connect();
    try {
      await client.query(text);
    } finally {
      await client.end();
    }
  }

  #makeTemplate(): Promise<void> {
    this.#template ??= (async () => {
      await this.sql(`CREATE DATABASE ${TEMPLATE}`);
      await (await openServer(this.#urlOf(TEMPLATE))).close();
    })();
    return this.#template;
  }

  #urlOf(database: string): string {
    return this.url.replace(/\/postgres$/, `/${database}`);
  }

  /** The server's own process and those that it started. */
  #processes(): number[] {
    const children = (existsSync('/proc') ? readdirSync('/proc') : [])
      .map(Number)
      .filter((pid) => Number.isInteger(pid) && parentOf(pid) === this.#pid);
    return [this.#pid, ...children];
  }
}

/** 0 when there is no such process. */
function parentOf(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return 0;
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    // It ended by itself meanwhile.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  await once(server.close(), 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}
