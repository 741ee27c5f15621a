import { UnavailableError } from '../../core/errors.js';
import { partitionOf } from '../../core/partitions.js';
import { type PartitionKeys, partitionKeys } from './keys.js';
import type { RedisClient, RedisCommand, RedisReply } from './redisClient.js';
import { loadScript } from './scripts.js';

/** A packed touch log; without bytes where there is none. */
export type PackedLog = Uint8Array;

/** What a log is to become, and what it was when that was decided. */
export interface Replacement {
  readonly userId: string;
  readonly read: PackedLog;
  readonly wanted: PackedLog;
}

/** `replaced`, or the log as it is instead of as it was read. */
export type ReplacementAnswer = 'replaced' | PackedLog;

export interface PackedTouchLogsOptions {
  readonly client: RedisClient;
  readonly keyPrefix?: string;
  /** See `RedisTouchStoreOptions`. */
  readonly minReplicas: number;
  readonly replicationTimeoutMs: number;
}

/**
 * The packed touch logs as Redis holds them, each read and replaced as a whole. What is not for a
 * restore rejects with `UnavailableError` while the partition is not whole.
 */
export class PackedTouchLogs {
  readonly #client: RedisClient;
  /** Waiting for replicas holds up a connection, so it has one of its own. */
  readonly #replicating: RedisClient | undefined;
  readonly #keyPrefix: string | undefined;
  readonly #minReplicas: number;
  readonly #replicationTimeoutMs: number;
  readonly #readScript = loadScript('readTouchLog-2');
  readonly #replaceScript = loadScript('compareAndSetTouchLogs-2');

  constructor({ client, keyPrefix, minReplicas, replicationTimeoutMs }: PackedTouchLogsOptions) {
    this.#client = client;
    this.#replicating = minReplicas > 0 ? client.duplicate() : undefined;
    this.#keyPrefix = keyPrefix;
    this.#minReplicas = minReplicas;
    this.#replicationTimeoutMs = replicationTimeoutMs;
  }

  async read(userId: string): Promise<PackedLog> {
    const { touch, position } = this.#keysOf(partitionOf(userId));
    const reply = await this.#client.send({
      script: this.#readScript,
      keys: [touch, position],
      args: [userId],
    });
    return wholeOnly(reply) as Buffer;
  }

  /** Of people of one partition, in their order, whether it is whole or not. */
  async readForRestore(partition: number, userIds: readonly string[]): Promise<PackedLog[]> {
    const { touch } = this.#keysOf(partition);
    const reply = await this.#client.send({ command: 'hmget', key: touch, args: userIds });
    return (reply as readonly (Buffer | null)[]).map((log) => log ?? new Uint8Array());
  }

  /** Once `minReplicas` have it, when it is to be `replicated`; too few of them is `UnavailableError`. */
  async replace(
    replacement: Replacement,
    { replicated }: { replicated: boolean },
  ): Promise<ReplacementAnswer> {
    const command = this.#replacing(partitionOf(replacement.userId), [replacement], 'whole');
    if (!replicated || this.#replicating === undefined)
      return answersOf(await this.#client.send(command))[0]!;

    const { reply, replicas } = await this.#replicating.sendAndReplicate(command, {
      replicas: this.#minReplicas,
      waitMs: this.#replicationTimeoutMs,
    });
    const answer = answersOf(reply)[0]!;
    if (answer === 'replaced' && replicas < this.#minReplicas) {
      throw new UnavailableError(`redis: ${replicas} replicas have the write, not ${this.#minReplicas}`);
    }
    return answer;
  }

  /** Of people of one partition, in their order, whether it is whole or not. */
  async replaceForRestore(
    partition: number,
    replacements: readonly Replacement[],
  ): Promise<ReplacementAnswer[]> {
    return answersOf(await this.#client.send(this.#replacing(partition, replacements, 'any')));
  }

  async close(): Promise<void> {
    await this.#replicating?.close();
  }

  #replacing(
    partition: number,
    replacements: readonly Replacement[],
    condition: 'whole' | 'any',
  ): RedisCommand {
    const { touch, position } = this.#keysOf(partition);
    const people = replacements.flatMap(({ userId, read, wanted }) => [userId, read, wanted]);
    return { script: this.#replaceScript, keys: [touch, position], args: [condition, ...people] };
  }

  #keysOf(partition: number): PartitionKeys {
    return partitionKeys(partition, this.#keyPrefix);
  }
}

function answersOf(reply: RedisReply): ReplacementAnswer[] {
  return (wholeOnly(reply) as readonly (Buffer | number)[]).map((answer) =>
    typeof answer === 'number' ? 'replaced' : answer,
  );
}

function wholeOnly(reply: RedisReply): RedisReply {
  if (reply === null) throw new UnavailableError('redis: the touch logs of this partition are not whole');
  return reply;
}
