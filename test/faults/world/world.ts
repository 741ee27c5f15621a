import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openTruth, type Truth } from '../../../src/stores/postgres/openTruth.js';
import { startPostgres, type TestPostgres } from '../../support/postgresServer.js';
import { startRedisCluster, type TestRedisCluster } from '../../support/redisServer.js';
import { policyFile, type RollingCap } from '../caps.js';
import { ServerProcess } from './serverProcess.js';
import { type CommandEnd, runTagrankCommand } from './tagrankCommand.js';

/** Servers on a PostgreSQL and a Redis Cluster, all of our own. */
export interface World {
  readonly postgres: TestPostgres;
  /** Of the truth's database. */
  readonly postgresUrl: string;
  readonly redis: TestRedisCluster;
  readonly servers: readonly ServerProcess[];
  /** What they hold to. */
  readonly caps: readonly RollingCap[];
  /** Where the servers' logs are. */
  readonly directory: string;
  /** Runs `tagrank` on the same engines. */
  command(...args: readonly string[]): Promise<CommandEnd>;
  openTruth(): Promise<Truth>;
  /** Ends everything; the logs stay when they are wanted. */
  stop(options: { keepLogs: boolean }): Promise<void>;
}

/** Resolves when all servers listen. */
export async function startWorld({
  program,
  caps,
  serverNames,
}: {
  /** The built `dist/main.js`. */
  program: string;
  caps: readonly RollingCap[];
  serverNames: readonly string[];
}): Promise<World> {
  const directory = mkdtempSync(join(tmpdir(), 'tagrank-faults-'));
  writeFileSync(join(directory, 'policy.json'), policyFile(caps));
  const [postgres, redis] = await Promise.all([
    startPostgres(),
    startRedisCluster({
      appendonly: true,
      // With `everysec` a primary that is back before its replica takes over has forgotten what it had
      // acknowledged and replicated while a sync of its file was under way: in 3 of 25 kills on a busy
      // disk, and in none with `always`.
      settings: { appendfsync: 'always', 'maxmemory-policy': 'noeviction' },
    }),
  ]);
  const postgresUrl = await postgres.createDatabase();
  const env = {
    TAGRANK_LISTEN: '127.0.0.1:0',
    TAGRANK_REDIS_URL: redis.url,
    TAGRANK_POSTGRES_URL: postgresUrl,
    TAGRANK_REDIS_MIN_REPLICAS: '1',
    TAGRANK_TOUCH_POLICY: join(directory, 'policy.json'),
    TAGRANK_LOG_LEVEL: 'info',
  };
  const server = (name: string) =>
    new ServerProcess({ name, program, env, logFile: join(directory, `server-${name}.log`) });
  const servers = serverNames.map(server);
  const stop = async ({ keepLogs }: { keepLogs: boolean }): Promise<void> => {
    await Promise.all(servers.map((each) => each.kill9()));
    await Promise.all([postgres.stop(), redis.stop()]);
    if (!keepLogs) rmSync(directory, { recursive: true, force: true });
  };
  try {
    await Promise.all(servers.map((each) => each.start()));
  } catch (error) {
    await stop({ keepLogs: true });
    throw new Error(`the servers did not start; their logs are in ${directory}`, { cause: error });
  }
  return {
    postgres,
    postgresUrl,
    redis,
    servers,
    caps,
    directory,
    command: (...args) => runTagrankCommand(args, { program, env }),
    openTruth: () => openTruth({ postgresUrl }),
    stop,
  };
}
