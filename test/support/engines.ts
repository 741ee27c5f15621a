import { type App, type AppOptions, createApp } from '../../src/app.js';
import { postgresBinaries, startPostgres, type TestPostgres } from './postgresServer.js';
import { redisBinary, startRedis, startRedisCluster, type TestRedis } from './redisServer.js';

/** What real engines a machine lacks, in words; undefined when all are there. */
export function missingEngines(): string | undefined {
  const missing = [
    ...(redisBinary() === undefined ? ['redis-server'] : []),
    ...(postgresBinaries() === undefined ? ['PostgreSQL 15'] : []),
  ];
  return missing.length === 0 ? undefined : `skipped: this machine has no ${missing.join(' and no ')}`;
}

/** A PostgreSQL and a Redis of our own, and apps on them. */
export interface TestEngines {
  readonly postgres: TestPostgres;
  readonly redis: TestRedis;
  readonly postgresUrl: string;
  /** Another server on the same engines. Closed by `stop` at the latest. */
  openApp(options?: Partial<AppOptions>): Promise<App>;
  stop(): Promise<void>;
}

const silent = { info: () => {}, warn: () => {} };

export async function startEngines({
  cluster = false,
  minReplicas = 0,
}: {
  cluster?: boolean;
  minReplicas?: number;
} = {}): Promise<TestEngines> {
  const [postgres, redis] = await Promise.all([
    startPostgres(),
    cluster ? startRedisCluster({ appendonly: true }) : startRedis(),
  ]);
  const postgresUrl = await postgres.createDatabase();
  const apps: App[] = [];
  return {
    postgres,
    redis,
    postgresUrl,
    async openApp(options) {
      const app = await createApp({
        dataDir: 'unused',
        engines: { postgresUrl, redisUrl: redis.url, minReplicas, ledgerSettleMs: 500 },
        maxCandidates: 2_000,
        log: silent,
        ...options,
      });
      apps.push(app);
      return app;
    },
    async stop() {
      await Promise.allSettled(apps.map((app) => app.close()));
      await Promise.all([postgres.stop(), redis.stop()]);
    },
  };
}
