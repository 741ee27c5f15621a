import { type ChainableCommander, Cluster, Redis } from 'ioredis';
import { UnavailableError } from '../../core/errors.js';
import { parseRedisUrl, type RedisAddress } from './redisUrl.js';
import type { RedisScript } from './scripts.js';

export type RedisArgument = string | number | Uint8Array;
/** Texts come as the bytes that they are. */
export type RedisReply = Buffer | number | null | readonly RedisReply[];

/** A command on one key, or a script on keys of one slot. */
export type RedisCommand =
  | { readonly command: string; readonly key: string; readonly args?: readonly RedisArgument[] }
  | {
      readonly script: RedisScript;
      readonly keys: readonly string[];
      readonly args?: readonly RedisArgument[];
    };

export interface RedisClientOptions {
  /** The forms of `parseRedisUrl`. */
  readonly url: string;
  /** The longest that one attempt to connect takes. */
  readonly connectTimeoutMs?: number;
  /** The longest that a call waits for a connection, redirections and its answer together. */
  readonly commandTimeoutMs?: number;
  /** Told of each failed connection: for the log. Nothing need be done, the client goes on trying. */
  readonly onConnectionError?: (error: Error) => void;
}

export const DEFAULT_CONNECT_TIMEOUT_MS = 1_000;
export const DEFAULT_COMMAND_TIMEOUT_MS = 1_000;

/** A server that answers nothing for so many command timeouts is taken for gone, and connected anew. */
const SILENT_COMMAND_TIMEOUTS = 3;
const MAX_RECONNECT_DELAY_MS = 500;
/** Redirections and failovers that one call follows, this far apart: until its timeout, roughly. */
const REDIRECTION_DELAY_MS = 50;

/**
 * A connection to one Redis server or to a cluster, which it keeps up for ever by itself.
 *
 * - A call made while Redis cannot be reached waits for it until `commandTimeoutMs` and then rejects
 *   with `UnavailableError`, as does everything else that goes wrong. Nothing is queued to be sent
 *   later, so an outage is not followed by a burst of calls that nobody waits for any more.
 * - After a rejection the call may have been done, or may be done within the next moments: what is
 *   sent must bear that (compare and set, or steps from an expected place).
 * - Redirections of a cluster (`MOVED`, `ASK`) and the failover of a primary are followed. A call
 *   under way when its primary died is sent again to the new one, so it may be done twice.
 */
export class RedisClient {
  readonly #options: RedisClientOptions;
  readonly #redis: Redis | Cluster;
  readonly #timeoutMs: number;
  readonly #isCluster: boolean;
  readonly #waiting = new Set<() => void>();
  #closed = false;

  constructor(options: RedisClientOptions) {
    const address = parseRedisUrl(options.url);
    this.#options = options;
    this.#isCluster = address.cluster;
    this.#timeoutMs = options.commandTimeoutMs ?? DEFAULT_COMMAND_TIMEOUT_MS;
    this.#redis = address.cluster ? openCluster(address, options) : openServer(address, options);
    // Without a listener ioredis writes to the console, and a cluster would throw.
    const onError = (error: Error): void => options.onConnectionError?.(error);
    this.#redis.on('error', onError);
    this.#redis.on('node error', onError);
    // One listener for all who wait: there may be thousands.
    this.#redis.on('ready', () => {
      for (const goOn of this.#waiting) goOn();
      this.#waiting.clear();
    });
  }

  /** Resolves once there is a connection; rejects with `UnavailableError` after the timeout. */
  ready(timeoutMs: number = this.#timeoutMs): Promise<void> {
    return this.#within(timeoutMs, async () => undefined);
  }

  /** One round trip. */
  send(command: RedisCommand, { timeoutMs = this.#timeoutMs } = {}): Promise<RedisReply> {
    return this.#within(timeoutMs, () => this.#sendOne(command));
  }

  /**
   * One round trip for all commands (one pipeline a slot, all at once), answers in their order.
   * The commands of a slot are done in order but not atomically; rejects when any of them failed,
   * others may have been done.
   */
  sendAll(commands: readonly RedisCommand[], { timeoutMs = this.#timeoutMs } = {}): Promise<RedisReply[]> {
    if (commands.length === 0) return Promise.resolve([]);
    return this.#within(timeoutMs, async () => {
      const replies = new Array<RedisReply>(commands.length);
      await Promise.all(
        this.#bySlot(commands).map(async (places) => {
          const ofSlot = places.map((place) => commands[place]!);
          const answers = await this.#pipelined(ofSlot);
          places.forEach((place, i) => {
            replies[place] = answers[i]!;
          });
        }),
      );
      return replies;
    });
  }

  /**
   * A write, and how many replicas have it `waitMs` later at most (`WAIT` on the same connection,
   * which means the same primary). It holds up what else is sent here until then, so a caller that
   * waits for replicas has a client of its own.
   */
  sendAndReplicate(
    command: RedisCommand,
    { replicas, waitMs }: { replicas: number; waitMs: number },
  ): Promise<{ reply: RedisReply; replicas: number }> {
    return this.#within(this.#timeoutMs + waitMs, async () => {
      const pipeline = this.#redis.pipeline();
      append(pipeline, command);
      pipeline.call('wait', replicas, waitMs);
      const [answer, waited] = await results(pipeline);
      // The script is unknown to this node, or the slot is another's by now. Sent again by itself,
      // the first call teaches the node, or the client, and the second finds the way.
      if (answer?.error !== undefined) {
        if (!isPassing(answer.error)) throw answer.error;
        await this.#sendOne(command);
        const again = this.#redis.pipeline();
        append(again, command);
        again.call('wait', replicas, waitMs);
        return replicated(await results(again));
      }
      return replicated([answer, waited]);
    });
  }

  /**
   * Writes, each with how many replicas have it: `sendAll` with one wait a slot (of one server, one for
   * all), and what is said of `sendAndReplicate`. The writes must bear being done twice.
   */
  sendAllAndReplicate(
    commands: readonly RedisCommand[],
    { replicas, waitMs }: { replicas: number; waitMs: number },
  ): Promise<{ reply: RedisReply; replicas: number }[]> {
    if (commands.length === 0) return Promise.resolve([]);
    const groups = this.#bySlot(commands);
    return this.#within(this.#timeoutMs + waitMs * groups.length, async () => {
      const sent = new Array<{ reply: RedisReply; replicas: number }>(commands.length);
      const sendGroup = async (places: readonly number[]): Promise<Answer[]> => {
        const pipeline = this.#redis.pipeline();
        for (const place of places) append(pipeline, commands[place]!);
        pipeline.call('wait', replicas, waitMs);
        return results(pipeline);
      };
      await Promise.all(
        groups.map(async (places) => {
          let answers = await sendGroup(places);
          const failed = places.filter((_, i) => answers[i]?.error !== undefined);
          if (failed.length > 0) {
            const faults = answers.flatMap(({ error }) => (error === undefined ? [] : [error]));
            const fault = faults.find((error) => !isPassing(error));
            if (fault !== undefined) throw fault;
            // As in `sendAndReplicate`: sent by itself, it teaches the node or finds the way.
            for (const place of failed) await this.#sendOne(commands[place]!);
            answers = await sendGroup(places);
          }
          const waited = answers[places.length];
          places.forEach((place, i) => {
            sent[place] = replicated([answers[i], waited]);
          });
        }),
      );
      return sent;
    });
  }

  /** Another client of the same Redis. */
  duplicate(): RedisClient {
    return new RedisClient(this.#options);
  }

  /** Ends the connection; what is under way rejects. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#redis.disconnect();
  }

  async #sendOne(command: RedisCommand): Promise<RedisReply> {
    if ('command' in command) return this.#call(command.command, command.key, ...bytes(command.args));
    const { script, keys, args } = command;
    const rest = [keys.length, ...keys, ...bytes(args)];
    try {
      return await this.#call('evalsha', script.sha1, ...rest);
    } catch (error) {
      if (!isUnknownScript(error)) throw error;
      // Teaches the script as well.
      return this.#call('eval', script.lua, ...rest);
    }
  }

  #call(name: string, ...args: (string | number | Buffer)[]): Promise<RedisReply> {
    return this.#redis.callBuffer(name, ...args) as Promise<RedisReply>;
  }

  async #pipelined(commands: readonly RedisCommand[]): Promise<RedisReply[]> {
    const [only] = commands;
    if (only !== undefined && commands.length === 1) return [await this.#sendOne(only)];
    const pipeline = this.#redis.pipeline();
    for (const command of commands) append(pipeline, command);
    const answers = await results(pipeline);
    const replies: RedisReply[] = [];
    for (const [i, { error, reply }] of answers.entries()) {
      if (error === undefined) replies.push(reply);
      else if (isUnknownScript(error)) replies.push(await this.#sendOne(commands[i]!));
      else throw error;
    }
    return replies;
  }

  /** The places of the commands of each hash tag; of one server, all together. */
  #bySlot(commands: readonly RedisCommand[]): number[][] {
    if (!this.#isCluster) return [commands.map((_, place) => place)];
    const bySlot = new Map<string, number[]>();
    commands.forEach((command, place) => {
      const tag = hashTag('key' in command ? command.key : (command.keys[0] ?? ''));
      const places = bySlot.get(tag);
      if (places === undefined) bySlot.set(tag, [place]);
      else places.push(place);
    });
    return [...bySlot.values()];
  }

  /** Waits for the connection and does the work, both within the timeout; any failure is `UnavailableError`. */
  async #within<Result>(timeoutMs: number, work: () => Promise<Result>): Promise<Result> {
    let timer: NodeJS.Timeout | undefined;
    let goOn: (() => void) | undefined;
    const timeout = new Promise<never>((_, reject) => {
      const giveUp = (): void => reject(new Error(`no answer within ${timeoutMs} ms`));
      // Where this process itself was busy for so long, the answer is here and has yet to be read.
      timer = setTimeout(() => setImmediate(giveUp), timeoutMs);
    });
    const connected = (): Promise<void> =>
      new Promise((resolve) => {
        goOn = resolve;
        this.#waiting.add(resolve);
      });
    try {
      if (this.#closed) throw new Error('the client was closed');
      if (this.#redis.status !== 'ready') await Promise.race([connected(), timeout]);
      try {
        return await Promise.race([work(), timeout]);
      } catch (error) {
        if (!isUnsent(error)) throw error;
        await Promise.race([connected(), timeout]);
        return await Promise.race([work(), timeout]);
      }
    } catch (cause) {
      const message = cause instanceof Error ? cause.message : String(cause);
      throw new UnavailableError(`redis: ${message}`, { cause });
    } finally {
      clearTimeout(timer);
      if (goOn !== undefined) this.#waiting.delete(goOn);
    }
  }
}

function openServer(
  { nodes, tls, username, password, database }: RedisAddress,
  options: RedisClientOptions,
): Redis {
  return new Redis({
    ...nodes[0],
    ...(tls && { tls: {} }),
    username,
    password,
    db: database,
    ...timeouts(options),
    enableOfflineQueue: false,
    // What was under way when the connection broke fails, rather than being sent again.
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    retryStrategy: reconnectDelayMs,
    // A server that became a replica behind the same address: the primary is found by connecting anew.
    reconnectOnError: (error) => error.message.startsWith('READONLY'),
  });
}

function openCluster({ nodes, tls, username, password }: RedisAddress, options: RedisClientOptions): Cluster {
  const { connectTimeoutMs = DEFAULT_CONNECT_TIMEOUT_MS, commandTimeoutMs = DEFAULT_COMMAND_TIMEOUT_MS } =
    options;
  return new Cluster([...nodes], {
    enableOfflineQueue: false,
    clusterRetryStrategy: reconnectDelayMs,
    slotsRefreshTimeout: connectTimeoutMs,
    slotsRefreshInterval: 5_000,
    maxRedirections: Math.max(4, Math.ceil(commandTimeoutMs / REDIRECTION_DELAY_MS)),
    retryDelayOnFailover: REDIRECTION_DELAY_MS,
    retryDelayOnClusterDown: REDIRECTION_DELAY_MS,
    retryDelayOnTryAgain: REDIRECTION_DELAY_MS,
    // Certificates are for names: leave them to TLS rather than resolving them here.
    ...(tls && {
      dnsLookup: (address: string, found: (e: null, address: string) => void) => found(null, address),
    }),
    redisOptions: {
      ...(tls && { tls: {} }),
      username,
      password,
      ...timeouts(options),
      maxRetriesPerRequest: 0,
      autoResendUnfulfilledCommands: false,
    },
  });
}

function timeouts({
  connectTimeoutMs = DEFAULT_CONNECT_TIMEOUT_MS,
  commandTimeoutMs = DEFAULT_COMMAND_TIMEOUT_MS,
}: RedisClientOptions): { connectTimeout: number; socketTimeout: number } {
  return { connectTimeout: connectTimeoutMs, socketTimeout: commandTimeoutMs * SILENT_COMMAND_TIMEOUTS };
}

/** Quickly at first, then twice a second, for ever; scattered, so that many servers do not come back at once. */
function reconnectDelayMs(attempts: number): number {
  return Math.min(20 * attempts, MAX_RECONNECT_DELAY_MS) * (0.75 + 0.5 * Math.random());
}

interface Answer {
  readonly error?: Error;
  readonly reply: RedisReply;
}

function append(pipeline: ChainableCommander, command: RedisCommand): void {
  if ('command' in command) pipeline.callBuffer(command.command, command.key, ...bytes(command.args));
  else {
    const { script, keys, args } = command;
    pipeline.callBuffer('evalsha', script.sha1, keys.length, ...keys, ...bytes(args));
  }
}

async function results(pipeline: ChainableCommander): Promise<Answer[]> {
  const answers = (await pipeline.exec()) ?? [];
  return answers.map(([error, reply]) => ({
    ...(error !== null && { error }),
    reply: reply as RedisReply,
  }));
}

function replicated([answer, waited]: readonly (Answer | undefined)[]): {
  reply: RedisReply;
  replicas: number;
} {
  const error = answer?.error ?? waited?.error;
  if (error !== undefined) throw error;
  return { reply: answer?.reply ?? null, replicas: Number(waited?.reply) };
}

/** ioredis sends any other view of bytes as its text. */
function bytes(args: readonly RedisArgument[] = []): (string | number | Buffer)[] {
  return args.map((arg) =>
    arg instanceof Uint8Array ? Buffer.from(arg.buffer, arg.byteOffset, arg.byteLength) : arg,
  );
}

/** What decides the slot of a key: what stands between the first braces, or all of it. */
function hashTag(key: string): string {
  return /\{([^}]+)\}/.exec(key)?.[1] ?? key;
}

function isUnknownScript(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('NOSCRIPT');
}

/** The connection broke before the command was written to it. */
function isUnsent(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith("Stream isn't writeable");
}

function isPassing(error: Error): boolean {
  return isUnknownScript(error) || /^(?:MOVED|ASK|TRYAGAIN|CLUSTERDOWN) /.test(error.message);
}
