import { PARTITIONS } from '../../../src/core/partitions.js';
import { EPOCH_FIELD, partitionKeys } from '../../../src/stores/redis/keys.js';
import { RedisClient, type RedisClientOptions } from '../../../src/stores/redis/redisClient.js';
import { redisBinary, type TestRedis } from '../../support/redisServer.js';

/** Whether there is a Redis to test on; says so once a file where there is none. */
export function hasRedis(): boolean {
  const found = redisBinary() !== undefined;
  if (!found) console.warn('skipped: neither redis-server nor valkey-server is on the PATH');
  return found;
}

/** Clients and stores of a file, all closed at its end; each prefix is one that nobody used before. */
export class RedisFixtures {
  readonly #open: { close(): Promise<void> }[] = [];
  #prefixes = 0;

  client(redis: TestRedis, options: Partial<RedisClientOptions> = {}): RedisClient {
    return this.closing(new RedisClient({ url: redis.url, ...options }));
  }

  closing<Closable extends { close(): Promise<void> }>(closable: Closable): Closable {
    this.#open.push(closable);
    return closable;
  }

  freshPrefix(): string {
    this.#prefixes += 1;
    return `test-${this.#prefixes}:`;
  }

  async close(): Promise<void> {
    await Promise.all(this.#open.map((closable) => closable.close()));
  }
}

/** Declares every partition whole, as a projector does once it has built them. */
export async function declareWhole(client: RedisClient, prefix: string, epoch = 'epoch-1'): Promise<void> {
  await client.sendAll(
    Array.from({ length: PARTITIONS }, (_, partition) => ({
      command: 'hset',
      key: partitionKeys(partition, prefix).position,
      args: [EPOCH_FIELD, epoch],
    })),
  );
}
