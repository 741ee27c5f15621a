import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client, credentials } from '@grpc/grpc-js';
import { Command } from 'commander';
import { thisMachine } from '../../src/evaluation/machine.js';
import { quantile } from '../../src/evaluation/quantile.js';
import { Channel, createClient, type TagRankClient } from '../../src/server/client.js';
import { RedisClient } from '../../src/stores/redis/redisClient.js';
import { postgresBinaries, startPostgres } from '../../test/support/postgresServer.js';
import { redisBinary, startRedis } from '../../test/support/redisServer.js';
import { type BatchRun, canTouchMany, MESSAGE_SIZE, reserveMany } from './batches.js';
import { type Call, type Latency, latencyAt, throughputOf } from './load.js';
import { type ScriptTimes, scriptTimesOf } from './scriptTimes.js';
import { startServerProcess } from './serverProcess.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const CALLERS = 64;
/** Low enough for every call here to keep up on two cores, so that latencies are not those of a queue. */
const ARRIVALS_A_SECOND = 200;
/** Arrivals of the call that is made while a batch runs. */
const BESIDE_A_SECOND = 50;
const STREAMS = 4;
const WARM_UP_MS = 1_500;

interface RunSettings {
  readonly users: string;
  readonly reserveUsers: string;
  readonly seconds: string;
  readonly out: string;
}

/** A unary call under both loads. */
interface Measured extends Latency {
  readonly aSecond: number;
}

const command = new Command('npm run benchmark:touch --')
  .description(
    'Throughput and latency of touch control beside their floor in the same run. Starts a Redis, a PostgreSQL and one server of its own.',
  )
  .option('--users <count>', 'people of the one great CanTouchBatch', '1000000')
  .option('--reserve-users <count>', 'people of ReserveTouchBatch', '50000')
  .option('--seconds <count>', 'how long each unary call is measured, for throughput and for latency', '4')
  .option('--out <file>', 'where the result is kept', resolve(ROOT, 'benchmarks/results/touch.json'))
  .action(run);

async function run(settings: RunSettings): Promise<void> {
  const [postgres, redis] = await Promise.all([startPostgres(), startRedis()]);
  const stops: (() => Promise<unknown>)[] = [() => Promise.all([postgres.stop(), redis.stop()])];
  try {
    const postgresUrl = await postgres.createDatabase();
    const server = await startServerProcess({ redisUrl: redis.url, postgresUrl });
    stops.push(server.stop);
    const client = createClient(server.address, { deadlineMs: 30_000 });
    const plain = new Client(server.address, credentials.createInsecure());
    const redisClient = new RedisClient({ url: redis.url });
    stops.push(() => {
      client.close();
      plain.close();
      return redisClient.close();
    });
    await client.ready();
    await forgetQuietHours(client);
    const measured = await measureAll({ client, plain, redisClient, redisUrl: redis.url }, settings);
    const result = {
      measuredAt: new Date().toISOString(),
      machine: thisMachine(),
      /** Of the minute before the end: far above the number of cores, the times are those of a queue for the processor. */
      loadAverage: loadavg()[0],
      versions: {
        node: process.version,
        redis: versionOf(redisBinary() ?? ''),
        postgres: versionOf(join(postgresBinaries() ?? '', 'postgres')),
      },
      load: {
        callers: CALLERS,
        arrivalsASecond: ARRIVALS_A_SECOND,
        streams: STREAMS,
        messageSize: MESSAGE_SIZE,
      },
      ...measured,
    };
    mkdirSync(dirname(settings.out), { recursive: true });
    writeFileSync(settings.out, `${JSON.stringify(result, null, 2)}\n`);
    print(measured);
  } finally {
    for (const stop of stops.toReversed()) await stop();
  }
}

interface Engines {
  readonly client: TagRankClient;
  readonly plain: Client;
  readonly redisClient: RedisClient;
  readonly redisUrl: string;
}

async function measureAll({ client, plain, redisClient, redisUrl }: Engines, settings: RunSettings) {
  const ms = Number(settings.seconds) * 1_000;
  const ask = (userId: string) => ({ userId, channel: Channel.PUSH, shopId: 'shop-1' });
  const calls = {
    emptyRpc: emptyRpc(plain),
    redisPing: () => redisClient.send({ command: 'ping', key: '', args: [] }),
    canTouch: (n: number) => client.canTouch({ question: ask(`asked-${n}`) }),
    reserveTouch: (n: number) =>
      client.reserveTouch({ requestId: `r-${performance.now()}`, question: ask(`reserved-${n}`) }),
  } satisfies Record<string, Call>;

  const unary: Record<string, Measured> = {};
  for (const [name, call] of Object.entries(calls) as [string, Call][]) {
    await throughputOf(call, { callers: CALLERS, ms: WARM_UP_MS });
    const aSecond = await throughputOf(call, { callers: CALLERS, ms });
    unary[name] = { aSecond, ...(await latencyAt(call, { aSecond: ARRIVALS_A_SECOND, ms })) };
  }

  const userOf = (n: number): string => `member-${n}`;
  const users = Number(settings.reserveUsers);
  await canTouchMany({ client, users: 20 * MESSAGE_SIZE, streams: STREAMS, userOf });
  await reserveMany(
    { client, users: 5 * MESSAGE_SIZE, streams: STREAMS, userOf: (n) => `warm-${n}` },
    'warm',
  );
  // What others feel meanwhile: whoever needs the engine, and whoever asks the server for one person.
  const [reserveBatch, scriptsOfReserve] = await scriptTimesOf(redisUrl, () =>
    reserveMany({ client, users, streams: STREAMS, userOf }, 'campaign'),
  );
  const [[canTouchBatch, canTouchMeanwhile], scriptsOfCanTouch] = await scriptTimesOf(redisUrl, () =>
    beside(canTouchMany({ client, users: Number(settings.users), streams: STREAMS, userOf }), calls.canTouch),
  );
  return {
    unary,
    floor: floorOf(unary),
    batches: { canTouchBatch, reserveTouchBatch: reserveBatch },
    scripts: { canTouchBatch: scriptsOfCanTouch, reserveTouchBatch: scriptsOfReserve },
    meanwhile: { canTouch: canTouchMeanwhile },
  };
}

/** One empty RPC and one round trip to Redis, one after the other. */
function floorOf(unary: Record<string, Measured>): Measured {
  const { emptyRpc: rpc, redisPing: ping } = unary as Record<'emptyRpc' | 'redisPing', Measured>;
  return {
    aSecond: 1 / (1 / rpc.aSecond + 1 / ping.aSecond),
    medianMs: rpc.medianMs + ping.medianMs,
    p99Ms: rpc.p99Ms + ping.p99Ms,
  };
}

/** A run, and the latency of a call that is made all the while: the median, and the p99 of the worst second. */
async function beside(run: Promise<BatchRun>, call: Call): Promise<[BatchRun, Latency]> {
  let isOver = false;
  const over = run.finally(() => {
    isOver = true;
  });
  const latencies: Latency[] = [];
  while (!isOver) latencies.push(await latencyAt(call, { aSecond: BESIDE_A_SECOND, ms: 1_000 }));
  const done = await over;
  const medians = latencies.map(({ medianMs }) => medianMs).sort((a, b) => a - b);
  return [
    done,
    { medianMs: quantile(medians, 0.5), p99Ms: Math.max(...latencies.map(({ p99Ms }) => p99Ms)) },
  ];
}

/** The health service's Check of the whole server: an RPC with nothing in it and nothing behind it. */
function emptyRpc(plain: Client): Call {
  const asIs = (bytes: Buffer): Buffer => bytes;
  const nothing = Buffer.alloc(0);
  return () =>
    new Promise((resolve, reject) => {
      plain.makeUnaryRequest('/grpc.health.v1.Health/Check', asIs, asIs, nothing, (error, answer) =>
        error === null ? resolve(answer) : reject(error),
      );
    });
}

/** Whether it is night must not decide what is measured; all else is the policy that is shipped. */
async function forgetQuietHours(client: TagRankClient): Promise<void> {
  const { policy } = await client.getTouchPolicy({});
  if (policy !== undefined) await client.setTouchPolicy({ policy: { ...policy, quietHours: [] } });
}

function versionOf(binary: string): string {
  return execFileSync(binary, ['--version'], { encoding: 'utf8' }).trim();
}

function print({ unary, floor, batches, scripts, meanwhile }: Awaited<ReturnType<typeof measureAll>>): void {
  console.table(
    Object.entries({ ...unary, floor }).map(([name, { aSecond, medianMs, p99Ms }]) => ({
      call: name,
      'calls/s': Math.round(aSecond),
      'median ms': Number(medianMs.toFixed(2)),
      'p99 ms': Number(p99Ms.toFixed(2)),
      'throughput / floor': Number((aSecond / floor.aSecond).toFixed(2)),
      'median / floor': Number((medianMs / floor.medianMs).toFixed(2)),
      'p99 / floor': Number((p99Ms / floor.p99Ms).toFixed(2)),
    })),
  );
  console.table(
    Object.entries(batches).map(([name, run]) => ({
      stream: name,
      users: run.decisions,
      'decisions/s': Math.round(run.decisionsASecond),
      'throughput / floor': Number((run.decisionsASecond / floor.aSecond).toFixed(2)),
      'message median ms': Number(run.messageLatency.medianMs.toFixed(1)),
      'message p99 ms': Number(run.messageLatency.p99Ms.toFixed(1)),
      allowed: run.allowed,
      'sent again': run.sentAgain,
    })),
  );
  console.table(
    Object.entries<ScriptTimes>(scripts).map(([name, times]) => ({ 'scripts of': name, ...times })),
  );
  console.table(
    Object.entries(meanwhile).map(([name, { medianMs, p99Ms }]) => ({
      'beside CanTouchBatch': name,
      'median ms': Number(medianMs.toFixed(2)),
      'p99 ms of the worst second': Number(p99Ms.toFixed(2)),
    })),
  );
}

await command.parseAsync(process.argv.slice(3), { from: 'user' });
