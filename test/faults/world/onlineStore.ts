import { RedisClient } from '../../../src/stores/redis/redisClient.js';
import { RedisProjectionStore } from '../../../src/stores/redis/redisProjectionStore.js';
import type { World } from './world.js';

/** Our own look into what the servers keep online. */
export interface OnlineStore {
  readonly store: RedisProjectionStore;
  close(): Promise<void>;
}

export function openOnlineStore({ redis }: Pick<World, 'redis'>): OnlineStore {
  const store = new RedisProjectionStore({ client: new RedisClient({ url: redis.url }) });
  return { store, close: () => store.close() };
}
