import { UnavailableError } from '../../core/errors.js';
import { partitionOf } from '../../core/partitions.js';
import { inChunks } from './chunks.js';
import { type PartitionKeys, partitionKeys } from './keys.js';
import type { RedisClient, RedisCommand, RedisReply } from './redisClient.js';
import { loadScript } from './scripts.js';

/** A packed touch log; without bytes where there is none. */
export type PackedLog = Uint8Array;

const NO_LOG = Buffer.alloc(0);

/** What a log is to become, and what it was when that was decided. */
export interface Replacement {
  readonly userId: string;
  readonly read: PackedLog;
  readonly wanted: PackedLog;
}

/**
 * `replaced`; `found` where the log was so already, by a call whose answer was lost, or by another that made
 * the very same change; or the log as it is instead of as it was read.
 */
export type ReplacementAnswer = 'replaced' | 'found' | PackedLog;

export function isInPlace(answer: ReplacementAnswer): answer is 'replaced' | 'found' {
  return answer === 'replaced' || answer === 'found';
}

/** People of one call of a script: well under a millisecond in which Redis does nothing else. */
export const PEOPLE_A_SCRIPT = 100;

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
  readonly #readScript = loadScript('readTouchLogs-2');
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
    return logsOf(reply)[0]!;
  }

  /** One round trip for all. In the order given; an error for people of partitions that are not whole. */
  async readMany(userIds: readonly string[]): Promise<(PackedLog | UnavailableError)[]> {
    const reads = inScripts(userIds, (userId) => userId);
    const replies = await this.#client.sendAll(
      reads.map(({ partition, items }): RedisCommand => {
        const { touch, position } = this.#keysOf(partition);
        return { script: this.#readScript, keys: [touch, position], args: items };
      }),
    );
    return inOrderGiven(reads, replies.map(orError(logsOf)));
  }

  /** Of people of one partition, in their order, whether it is whole or not. */
  async readForRestore(partition: number, userIds: readonly string[]): Promise<PackedLog[]> {
    const { touch } = this.#keysOf(partition);
    const reply = await this.#client.send({ command: 'hmget', key: touch, args: userIds });
    return logsOf(reply);
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
    if (isInPlace(answer) && replicas < this.#minReplicas) {
      throw this.#tooFew(replicas);
    }
    return answer;
  }

  /**
   * Of many, each only where it is as it was read, and answered once `minReplicas` have it: one round
   * trip, with replicas one more for each partition. In the order given; an error for people of
   * partitions that are not whole, and where too few replicas have the write.
   */
  async replaceMany(replacements: readonly Replacement[]): Promise<(ReplacementAnswer | UnavailableError)[]> {
    const writes = inScripts(replacements, ({ userId }) => userId);
    const commands = writes.map(({ partition, items }) => this.#replacing(partition, items, 'whole'));
    if (this.#replicating === undefined) {
      const replies = await this.#client.sendAll(commands);
      return inOrderGiven(writes, replies.map(orError(answersOf)));
    }
    const sent = await this.#replicating.sendAllAndReplicate(commands, {
      replicas: this.#minReplicas,
      waitMs: this.#replicationTimeoutMs,
    });
    const answers = sent.map(({ reply, replicas }) => {
      const ofScript = orError(answersOf)(reply);
      if (ofScript instanceof UnavailableError || replicas >= this.#minReplicas) return ofScript;
      return ofScript.map((answer) => (isInPlace(answer) ? this.#tooFew(replicas) : answer));
    });
    return inOrderGiven(writes, answers);
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

  #tooFew(replicas: number): UnavailableError {
    return new UnavailableError(`redis: ${replicas} replicas have the write, not ${this.#minReplicas}`);
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

/** What one script does, for people of one partition, and where they stand among all. */
interface OfScript<Item> {
  readonly partition: number;
  readonly items: readonly Item[];
  readonly places: readonly number[];
}

function inScripts<Item>(items: readonly Item[], userIdOf: (item: Item) => string): OfScript<Item>[] {
  const byPartition = new Map<number, number[]>();
  items.forEach((item, place) => {
    const partition = partitionOf(userIdOf(item));
    const places = byPartition.get(partition);
    if (places === undefined) byPartition.set(partition, [place]);
    else places.push(place);
  });
  return [...byPartition].flatMap(([partition, all]) =>
    inChunks(all, PEOPLE_A_SCRIPT).map((places) => ({
      partition,
      places,
      items: places.map((place) => items[place]!),
    })),
  );
}

/** An error of a script is one for each of its people. */
function inOrderGiven<Answer>(
  scripts: readonly OfScript<unknown>[],
  answers: readonly (readonly (Answer | UnavailableError)[] | UnavailableError)[],
): (Answer | UnavailableError)[] {
  const inOrder: (Answer | UnavailableError)[] = [];
  scripts.forEach(({ places }, i) => {
    const ofScript = answers[i]!;
    places.forEach((place, at) => {
      inOrder[place] = ofScript instanceof UnavailableError ? ofScript : ofScript[at]!;
    });
  });
  return inOrder;
}

function orError<Answer>(
  read: (reply: RedisReply) => Answer,
): (reply: RedisReply) => Answer | UnavailableError {
  return (reply) => {
    try {
      return read(reply);
    } catch (error) {
      if (error instanceof UnavailableError) return error;
      throw error;
    }
  };
}

function logsOf(reply: RedisReply): PackedLog[] {
  return (wholeOnly(reply) as readonly (Buffer | null)[]).map((log) => log ?? NO_LOG);
}

function answersOf(reply: RedisReply): ReplacementAnswer[] {
  return (wholeOnly(reply) as readonly (Buffer | number)[]).map((answer) => {
    if (typeof answer !== 'number') return answer;
    return answer === 1 ? 'replaced' : 'found';
  });
}

function wholeOnly(reply: RedisReply): RedisReply {
  if (reply === null) throw new UnavailableError('redis: the touch logs of this partition are not whole');
  return reply;
}
