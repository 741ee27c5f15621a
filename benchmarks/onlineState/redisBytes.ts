import { Redis } from 'ioredis';
import { PARTITIONS, partitionOf } from '../../src/core/partitions.js';
import { partitionKeys } from '../../src/stores/redis/keys.js';
import { packTouchLog } from '../../src/stores/redis/touchLogCodec.js';
import type { UserTouchLog } from '../../src/touch/userTouchLog.js';

/** What is kept online of one person. */
export interface OnlinePerson {
  readonly userId: string;
  readonly history: Uint8Array;
  readonly touches?: UserTouchLog;
}

/**
 * Bytes that Redis takes a person, keys, tables and allocator included: what `used_memory` grows by
 * when they are written as the stores write them, divided by their number.
 */
export async function redisBytesAPerson(url: string, people: readonly OnlinePerson[]): Promise<number> {
  const redis = new Redis(url);
  try {
    await redis.flushall();
    const before = await usedMemory(redis);
    for (let at = 0; at < people.length; at += 500) {
      const pipeline = redis.pipeline();
      for (const { userId, history, touches } of people.slice(at, at + 500)) {
        const keys = partitionKeys(partitionOf(userId), 'tr:');
        pipeline.hset(keys.history, userId, Buffer.from(history));
        if (touches !== undefined) {
          pipeline.hset(keys.touch, userId, Buffer.from(packTouchLog(userId, touches)));
        }
      }
      await pipeline.exec();
    }
    if ((await redis.dbsize()) > 4 * PARTITIONS) throw new Error('more keys than partitions have');
    return ((await usedMemory(redis)) - before) / people.length;
  } finally {
    redis.disconnect();
  }
}

async function usedMemory(redis: Redis): Promise<number> {
  const info = await redis.info('memory');
  return Number(/^used_memory:(\d+)/m.exec(info)?.[1]);
}
