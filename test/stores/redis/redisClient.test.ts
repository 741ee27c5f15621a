import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { UnavailableError } from '../../../src/core/errors.js';
import { partitionKeys } from '../../../src/stores/redis/keys.js';
import { RedisClient, type RedisClientOptions } from '../../../src/stores/redis/redisClient.js';
import { parseRedisUrl } from '../../../src/stores/redis/redisUrl.js';
import {
  redisBinary,
  startRedis,
  startRedisCluster,
  type TestRedis,
  type TestRedisCluster,
} from '../../support/redisServer.js';

describe('the URL of a Redis', () => {
  it('names a server', () => {
    expect(parseRedisUrl('redis://cache.shop.example:6380/2')).toEqual({
      nodes: [{ host: 'cache.shop.example', port: 6380 }],
      cluster: false,
      tls: false,
      database: 2,
    });
    expect(parseRedisUrl('rediss://[::1]')).toMatchObject({
      nodes: [{ host: '::1', port: 6379 }],
      tls: true,
    });
  });

  it('names some nodes of a cluster', () => {
    expect(parseRedisUrl('redis+cluster://a:7000,b:7001')).toMatchObject({
      cluster: true,
      nodes: [
        { host: 'a', port: 7000 },
        { host: 'b', port: 7001 },
      ],
    });
  });

  it('holds a user and a password with any characters', () => {
    expect(parseRedisUrl('redis://shop:p%40ss%2F:word@host')).toMatchObject({
      username: 'shop',
      password: 'p@ss/:word',
    });
    expect(parseRedisUrl('redis://:secret@host')).not.toHaveProperty('username');
  });

  it.each([
    'localhost:6379',
    'http://:secret@localhost',
    'redis://',
    'redis://:secret@a:7000,b:7001',
    'redis+cluster://:secret@a:7000/1',
    'redis://:secret@host:99999',
    'redis://user:secret%zz@host',
  ])('is refused without repeating a password: %s', (url) => {
    const parse = () => parseRedisUrl(url);
    expect(parse).toThrow(/^redis_url: (?!.*secret)/);
  });
});

const installed = redisBinary() !== undefined;
if (!installed) console.warn('skipped: no redis-server or valkey-server here, so no Redis client is tested');

function connect(redis: TestRedis, options: Partial<RedisClientOptions> = {}): RedisClient {
  const client = new RedisClient({ url: redis.url, ...options });
  onTestFinished(() => client.close());
  return client;
}

const set = (key: string, value: string) => ({ command: 'set', key, args: [value] });
const get = (key: string) => ({ command: 'get', key });

describe.skipIf(!installed)('a client of one Redis', () => {
  let redis: TestRedis;
  beforeAll(async () => {
    redis = await startRedis({ appendonly: true });
  });
  afterAll(() => redis.stop());

  it('sends and receives bytes as they are', async () => {
    const client = connect(redis);
    const value = Uint8Array.from({ length: 256 }, (_, i) => i);
    await client.send({ command: 'set', key: 'bytes', args: [value.subarray(3)] });
    expect(await client.send(get('bytes'))).toEqual(Buffer.from(value.subarray(3)));
    expect(await client.send(get('nothing'))).toBeNull();
  });

  it('answers many commands in their order', async () => {
    const client = connect(redis);
    const answers = await client.sendAll([set('a', '1'), get('a'), { command: 'incr', key: 'a' }, get('a')]);
    expect(answers.map(String)).toEqual(['OK', '1', '2', '2']);
  });

  it('rejects many commands when one of them failed', async () => {
    const client = connect(redis);
    await client.send(set('text', 'abc'));
    const answer = client.sendAll([get('text'), { command: 'incr', key: 'text' }]);
    await expect(answer).rejects.toThrow(UnavailableError);
  });

  it('an unreachable Redis is unavailable within the timeout, and is found again when it is back', async () => {
    const errors: Error[] = [];
    const client = connect(redis, {
      commandTimeoutMs: 250,
      onConnectionError: (error) => errors.push(error),
    });
    await client.send(set('kept', '1'));
    await redis.kill9();
    for (let i = 0; i < 2; i += 1) {
      const startedAtMs = performance.now();
      await expect(client.send(set('kept', 'stale'))).rejects.toThrow(UnavailableError);
      expect(performance.now() - startedAtMs).toBeLessThan(1_000);
    }
    expect(errors.length).toBeGreaterThan(0);
    await redis.restart();
    await client.ready(5_000);
    // What was refused while it was gone is not sent afterwards.
    expect(String(await client.send(get('kept')))).toBe('1');
  });

  it('a Redis that hangs is unavailable within the timeout', async () => {
    const client = connect(redis, { commandTimeoutMs: 250 });
    await client.send(set('a', '1'));
    redis.pause();
    try {
      const startedAtMs = performance.now();
      await expect(client.send(get('a'))).rejects.toThrow(UnavailableError);
      expect(performance.now() - startedAtMs).toBeLessThan(1_000);
    } finally {
      redis.resume();
    }
    await client.ready(5_000);
    expect(String(await client.send(get('a')))).toBe('1');
  });

  it('a process that was busy itself does not take Redis for unreachable', async () => {
    const client = connect(redis, { commandTimeoutMs: 200 });
    await client.send(set('a', '1'));
    const answer = client.send(get('a'));
    // Sent, and then no turn of the event loop until the timeout is long over.
    await new Promise(setImmediate);
    const busyUntilMs = performance.now() + 300;
    while (performance.now() < busyUntilMs);
    expect(String(await answer)).toBe('1');
  });

  it('a client that was closed refuses at once', async () => {
    const client = connect(redis);
    await client.ready();
    await client.close();
    await expect(client.send(get('a'))).rejects.toThrow('closed');
  });
});

describe.skipIf(!installed)('a client of a Redis cluster', () => {
  let cluster: TestRedisCluster;
  beforeAll(async () => {
    cluster = await startRedisCluster();
  });
  afterAll(() => cluster.stop());

  it('answers many commands of many slots in their order', async () => {
    const client = connect(cluster);
    const keys = Array.from({ length: 64 }, (_, partition) => partitionKeys(partition).lease);
    await client.sendAll(keys.map((key) => set(key, key)));
    expect((await client.sendAll(keys.map(get))).map(String)).toEqual(keys);
  });

  it('tells how many replicas have a write', async () => {
    const client = connect(cluster);
    const { lease } = partitionKeys(5);
    const written = await client.sendAndReplicate(set(lease, 'x'), { replicas: 1, waitMs: 500 });
    expect(written).toMatchObject({ replicas: 1 });
  });

  it('follows the failover of a primary', async () => {
    const client = connect(cluster);
    const { lease } = partitionKeys(9);
    await client.sendAndReplicate(set(lease, 'kept'), { replicas: 1, waitMs: 500 });
    const dead = await cluster.primaryOf(lease);
    await cluster.kill9(dead);
    const startedAtMs = performance.now();
    let unavailable = 0;
    for (;;) {
      try {
        expect(String(await client.send(get(lease)))).toBe('kept');
        break;
      } catch (error) {
        expect(error).toBeInstanceOf(UnavailableError);
        unavailable += 1;
      }
    }
    expect(unavailable).toBeGreaterThan(0);
    expect(performance.now() - startedAtMs).toBeLessThan(15_000);
    await cluster.restart(dead);
    await cluster.whole();
  });
});
