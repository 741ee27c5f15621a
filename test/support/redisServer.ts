import { type ChildProcessByStdio, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { foundEngine } from './requiredEngine.js';

/** One Redis process, whether it runs at the moment or not. */
export interface RedisNode {
  readonly port: number;
  /** Of this node alone. */
  readonly url: string;
}

/** A Redis of our own on free loopback ports: one server, or the nodes of a cluster. */
export interface TestRedis {
  /** What a client is given. */
  readonly url: string;
  readonly nodes: readonly RedisNode[];
  /** SIGKILL, and wait until it is gone; the first node when none is named. */
  kill9(node?: RedisNode): Promise<void>;
  /** Starts a node that was killed on its old port and directory; waits until it answers. */
  restart(node?: RedisNode): Promise<void>;
  /** Stops the process as though its machine hung (SIGSTOP), until `resume`. */
  pause(node?: RedisNode): void;
  resume(node?: RedisNode): void;
  /** Kills all and removes what they wrote. */
  stop(): Promise<void>;
}

export interface TestRedisCluster extends TestRedis {
  /** The primary that owns the slot of a key now, as the majority of the running nodes sees it. */
  primaryOf(key: string): Promise<RedisNode>;
  /** Resolves when all running nodes say that the cluster is whole. They notice a death only after a while. */
  whole(timeoutMs?: number): Promise<void>;
  /** Resolves when others have taken over what a killed node was the primary of, and all is whole. */
  takenOverFrom(dead: RedisNode, timeoutMs?: number): Promise<void>;
}

/** The program, or undefined where none is installed. */
export function redisBinary(): string | undefined {
  const binary = ['redis-server', 'valkey-server'].find((name) => {
    const { status } = spawnSync(name, ['--version'], { stdio: 'ignore' });
    return status === 0;
  });
  return foundEngine('redis-server', binary);
}

export interface RedisServerOptions {
  /** Writes an append-only file, so that a restart finds the data. Default: a restart is empty. */
  readonly appendonly?: boolean;
  /** Further settings, as `name value` of redis.conf without the dashes. */
  readonly settings?: Readonly<Record<string, string>>;
}

export async function startRedis(options: RedisServerOptions = {}): Promise<TestRedis> {
  const directory = mkdtempSync(join(tmpdir(), 'tagrank-redis-'));
  const node = await startOnFreePort((port) => new RedisProcess({ port, directory, options }));
  return testRedis([node], { url: node.url, directory });
}

export interface RedisClusterOptions extends RedisServerOptions {
  /** After so long without an answer a node is taken for dead; a failover takes one to three times that. */
  readonly nodeTimeoutMs?: number;
}

const PRIMARIES = 3;
const NODES = 6;
const SLOTS = 16_384;

/** Six nodes: three primaries, each with a replica that holds its data when this resolves. */
export async function startRedisCluster({
  nodeTimeoutMs = 1_500,
  ...options
}: RedisClusterOptions = {}): Promise<TestRedisCluster> {
  const directory = mkdtempSync(join(tmpdir(), 'tagrank-redis-cluster-'));
  const nodes = await Promise.all(
    Array.from({ length: NODES }, () =>
      startOnFreePort(async (port) => {
        const busPort = await freePort();
        const settings = {
          'cluster-enabled': 'yes',
          'cluster-config-file': 'nodes.conf',
          'cluster-node-timeout': String(nodeTimeoutMs),
          'cluster-port': String(busPort),
          'repl-diskless-sync-delay': '0',
          'repl-ping-replica-period': '1',
          ...options.settings,
        };
        return new RedisProcess({
          port,
          directory: join(directory, `${port}`),
          options: { ...options, settings },
        });
      }),
    ),
  );
  await introduce(nodes);
  const base = testRedis(nodes, {
    url: `redis+cluster://${nodes.map(({ port }) => `127.0.0.1:${port}`).join(',')}`,
    directory,
  });
  const cluster: TestRedisCluster = {
    ...base,
    primaryOf: async (key) => {
      const running = nodes.filter((node) => node.isRunning);
      const votes = await Promise.all(
        running.map((node) => node.ask((admin) => ownerPort(admin, key)).catch(() => 0)),
      );
      const port = mostFrequent(votes.filter((vote) => vote !== 0));
      const owner = nodes.find((node) => node.port === port);
      if (owner === undefined) throw new Error(`no node owns the slot of ${key}`);
      return owner;
    },
    whole: (timeoutMs = 15_000) =>
      until(timeoutMs, 'the cluster is whole', async () => (await states()).every(isWhole)),
    takenOverFrom: (dead, timeoutMs = 15_000) =>
      until(timeoutMs, `another took over from ${dead.port}`, async () =>
        (await states()).every((state) => isWhole(state) && !state.primaries.includes(dead.port)),
      ),
  };
  const states = () => Promise.all(nodes.filter((node) => node.isRunning).map((node) => node.ask(stateOf)));
  await cluster.whole();
  await Promise.all(nodes.slice(PRIMARIES).map((node) => node.hasItsData()));
  return cluster;
}

/** What `redis-cli --cluster create` does, for six nodes that know nothing. */
async function introduce(nodes: readonly RedisProcess[]): Promise<void> {
  await Promise.all(nodes.map((node, i) => node.ask((admin) => admin.cluster('SET-CONFIG-EPOCH', i + 1))));
  const ids = await Promise.all(nodes.map((node) => node.ask((admin) => admin.cluster('MYID'))));
  // Every node is told of every other: gossip alone takes seconds to spread.
  for (const node of nodes) {
    await node.ask(async (admin) => {
      for (const { port, busPort } of nodes) await admin.call('CLUSTER', 'MEET', '127.0.0.1', port, busPort);
    });
  }
  await Promise.all(
    nodes.slice(0, PRIMARIES).map((node, i) => {
      const first = Math.floor((i * SLOTS) / PRIMARIES);
      const last = Math.floor(((i + 1) * SLOTS) / PRIMARIES) - 1;
      return node.ask((admin) => admin.call('CLUSTER', 'ADDSLOTSRANGE', first, last));
    }),
  );
  await Promise.all(
    nodes.slice(PRIMARIES).map((node, i) =>
      until(10_000, 'a replica knows its primary', () =>
        node
          .ask((admin) => admin.call('CLUSTER', 'REPLICATE', String(ids[i])))
          .then(
            () => true,
            () => false,
          ),
      ),
    ),
  );
}

function testRedis(
  nodes: readonly RedisProcess[],
  { url, directory }: { url: string; directory: string },
): TestRedis {
  const processOf = (node: RedisNode = nodes[0]!): RedisProcess => {
    const found = nodes.find(({ port }) => port === node.port);
    if (found === undefined) throw new Error(`no node of ours listens on ${node.port}`);
    return found;
  };
  return {
    url,
    nodes,
    kill9: (node) => processOf(node).kill9(),
    restart: (node) => processOf(node).start(),
    pause: (node) => processOf(node).signal('SIGSTOP'),
    resume: (node) => processOf(node).signal('SIGCONT'),
    stop: async () => {
      await Promise.all(nodes.map((node) => node.kill9()));
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/**
 * The shell between us and Redis holds our pipe: when this process ends, however it ends, the pipe
 * closes and the shell kills Redis. Nothing is left behind by a test run that was itself killed.
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

class RedisProcess implements RedisNode {
  readonly port: number;
  readonly url: string;
  readonly busPort: number;
  readonly #directory: string;
  readonly #args: readonly string[];
  #shell: ChildProcessByStdio<Writable, Readable, null> | undefined;
  #pid = 0;

  constructor({
    port,
    directory,
    options,
  }: { port: number; directory: string; options: RedisServerOptions }) {
    this.port = port;
    this.url = `redis://127.0.0.1:${port}`;
    this.busPort = Number(options.settings?.['cluster-port'] ?? 0);
    this.#directory = directory;
    const settings = {
      port: String(port),
      bind: '127.0.0.1',
      dir: directory,
      save: '',
      appendonly: options.appendonly === true ? 'yes' : 'no',
      ...options.settings,
    };
    this.#args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
  }

  get isRunning(): boolean {
    return this.#shell !== undefined;
  }

  /** Resolves when it has read its data and answers. */
  async start(): Promise<void> {
    if (this.#shell !== undefined) throw new Error(`the Redis on ${this.port} runs already`);
    const binary = redisBinary();
    if (binary === undefined) throw new Error('there is no redis-server on the PATH');
    mkdirSync(this.#directory, { recursive: true });
    const shell = spawn('/bin/sh', ['-c', GUARDED, 'sh', binary, ...this.#args], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#shell = shell;
    const log: string[] = [];
    for await (const line of createInterface({ input: shell.stdout })) {
      log.push(line);
      if (line.startsWith('pid ')) this.#pid = Number(line.slice(4));
      if (!line.includes('Ready to accept connections')) continue;
      // Read on, or the pipe fills up and Redis stands still.
      shell.stdout.resume();
      return;
    }
    this.#shell = undefined;
    throw new Error(`Redis did not start:\n${log.slice(-5).join('\n')}`);
  }

  async kill9(): Promise<void> {
    const shell = this.#shell;
    if (shell === undefined) return;
    this.#shell = undefined;
    const gone = once(shell, 'exit');
    shell.stdin.end();
    await gone;
  }

  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    if (this.#shell !== undefined) process.kill(this.#pid, signal);
  }

  /** Hands `question` a connection to this node alone. */
  async ask<Result>(question: (admin: Redis) => Promise<Result>): Promise<Result> {
    const admin = new Redis({
      host: '127.0.0.1',
      port: this.port,
      retryStrategy: () => null,
      lazyConnect: true,
    });
    admin.on('error', () => undefined);
    try {
      await admin.connect();
      return await question(admin);
    } finally {
      admin.disconnect();
    }
  }

  hasItsData(): Promise<void> {
    return until(15_000, `the replica on ${this.port} has its data`, async () => {
      const info = await this.ask((admin) => admin.info('replication'));
      return info.includes('master_link_status:up');
    });
  }
}

/** Between finding a port free and listening on it another may take it: then the next one. */
async function startOnFreePort(
  make: (port: number) => RedisProcess | Promise<RedisProcess>,
): Promise<RedisProcess> {
  for (let attempts = 5; ; attempts -= 1) {
    const port = await freePort();
    const node = await make(port);
    try {
      await node.start();
      return node;
    } catch (error) {
      if (attempts === 1) throw error;
    }
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  await once(server.close(), 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function ownerPort(admin: Redis, key: string): Promise<number> {
  const slot = Number(await admin.cluster('KEYSLOT', key));
  const ranges = await admin.cluster('SLOTS');
  return ranges.find(([first, last]) => first <= slot && slot <= last)?.[2]?.[1] ?? 0;
}

/** What a node says of its cluster. */
interface ClusterState {
  readonly info: string;
  /** The ports of those that own slots. */
  readonly primaries: readonly number[];
}

async function stateOf(admin: Redis): Promise<ClusterState> {
  const [info, slots] = await Promise.all([admin.cluster('INFO'), admin.cluster('SLOTS')]);
  return { info: String(info), primaries: slots.map(([, , primary]) => primary?.[1] ?? 0) };
}

function isWhole({ info }: ClusterState): boolean {
  return info.includes('cluster_state:ok');
}

function mostFrequent(values: readonly number[]): number | undefined {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a)[0]?.[0];
}

async function until(timeoutMs: number, what: string, holds: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await holds().catch(() => false))) {
    if (Date.now() > deadline) throw new Error(`not within ${timeoutMs} ms: ${what}`);
    await sleep(25);
  }
}
