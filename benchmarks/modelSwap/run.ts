import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { Command } from 'commander';
import { thisMachine } from '../../src/evaluation/machine.js';
import { quantile } from '../../src/evaluation/quantile.js';
import { createClient, type TagRankClient } from '../../src/server/client.js';
import { startPostgres } from '../../test/support/postgresServer.js';
import { startRedis } from '../../test/support/redisServer.js';
import { latenciesAt } from '../touch/load.js';
import { startServerProcess } from '../touch/serverProcess.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const MAIN = join(ROOT, 'dist/main.js');
const SHIPPED = join(ROOT, 'models/default');
const DATA = join(ROOT, 'data/completejourney');
/** Ids of the bundled data, by its first column. */
const HOUSEHOLDS = gunzipSync(readFileSync(join(DATA, 'users.csv.gz')))
  .toString()
  .trim()
  .split('\n')
  .slice(1)
  .map((row) => row.slice(0, row.indexOf(',')));
/** Low enough for two cores to keep up, so that latencies are not those of a queue. */
const LISTS_A_SECOND = 12;
const WARM_UP_MS = 5_000;
const ROUND_MS = 10_000;

interface RunSettings {
  readonly swaps: string;
  readonly rounds: string;
  readonly out: string;
}

/** Lists of all rounds of one kind. */
interface Side {
  /** By round. */
  readonly latencies: number[][];
  readonly versions: Map<string, number>;
  /** Not answered. */
  failed: number;
  /** Answered without a model. */
  degraded: number;
}

const command = new Command('npm run benchmark:model-swap --')
  .description(
    'Latency of Rank while models are swapped, beside the same without, in rounds that take turns. Starts a Redis, a PostgreSQL and one server of its own on the bundled data.',
  )
  .option('--swaps <count>', 'swaps over all rounds with swaps', '100')
  .option('--rounds <count>', 'rounds of either kind, ten seconds each', '10')
  .option('--out <file>', 'where the result is kept', resolve(ROOT, 'benchmarks/results/model-swap.json'))
  .action(run);

async function run({ swaps, rounds, out }: RunSettings): Promise<void> {
  const [postgres, redis] = await Promise.all([startPostgres(), startRedis()]);
  const stops: (() => Promise<unknown>)[] = [() => Promise.all([postgres.stop(), redis.stop()])];
  try {
    const engines = { redisUrl: redis.url, postgresUrl: await postgres.createDatabase() };
    execFileSync(process.execPath, [MAIN, 'import', DATA], {
      stdio: 'ignore',
      env: {
        ...process.env,
        TAGRANK_REDIS_URL: engines.redisUrl,
        TAGRANK_POSTGRES_URL: engines.postgresUrl,
      },
    });
    const server = await startServerProcess(engines);
    stops.push(server.stop);
    const client = createClient(server.address, { deadlineMs: 30_000 });
    stops.push(async () => client.close());
    await client.ready();
    const versions = await addTwins(client);
    const count = Number(rounds);
    const perRound = Math.ceil(Number(swaps) / count);
    const [still, swapping] = [newSide(), newSide()];
    await serve(client, newSide(), WARM_UP_MS);
    for (let round = 0; round < count; round += 1) {
      // Turn about, or what the server does every so often would always fall into rounds of one kind.
      const isStillFirst = round % 2 === 0;
      if (isStillFirst) await serve(client, still, ROUND_MS);
      const done = swapEvenly(client, { versions, from: round * perRound, count: perRound });
      await serve(client, swapping, ROUND_MS);
      await done;
      if (!isStillFirst) await serve(client, still, ROUND_MS);
      console.log(
        `${round + 1} of ${count}: ${JSON.stringify(summary(still))} ${JSON.stringify(summary(swapping))}`,
      );
    }
    const result = {
      measuredAt: new Date().toISOString(),
      machine: thisMachine(),
      loadAverage: loadavg()[0],
      node: process.version,
      load: { listsASecond: LISTS_A_SECOND, rounds: count, roundSeconds: ROUND_MS / 1_000 },
      swaps: perRound * count,
      without: summary(still),
      with: summary(swapping),
      /** Of all lists: a pause of the server in one round is in it. */
      p99Ratio: summary(swapping).p99Ms / summary(still).p99Ms,
      /** Of the median round's 99th percentile. */
      medianRoundP99Ratio: summary(swapping).medianRoundP99Ms / summary(still).medianRoundP99Ms,
    };
    mkdirSync(dirname(out), { recursive: true });
    writeFileSync(out, `${JSON.stringify(result, null, 2)}\n`);
    console.log(JSON.stringify(result, null, 2));
  } finally {
    for (const stop of stops.reverse()) await stop();
  }
}

/** The shipped model under two names: what is swapped must not matter to what is measured. */
async function addTwins(client: TagRankClient): Promise<string[]> {
  const manifest = JSON.parse(readFileSync(join(SHIPPED, 'manifest.json'), 'utf8')) as { modelFile: string };
  const model = readFileSync(join(SHIPPED, manifest.modelFile));
  const versions = ['twin-a', 'twin-b'];
  for (const version of versions) {
    const manifestJson = JSON.stringify({ ...manifest, version });
    await client.addModel({ manifestJson, model, addedBy: 'benchmark' });
  }
  return versions;
}

function newSide(): Side {
  return { latencies: [], versions: new Map(), failed: 0, degraded: 0 };
}

async function serve(client: TagRankClient, side: Side, ms: number): Promise<void> {
  const latencies = await latenciesAt(
    async (n) => {
      try {
        const { modelVersion } = await client.rank({
          userId: HOUSEHOLDS[n % HOUSEHOLDS.length],
          pageSize: 20,
        });
        side.versions.set(modelVersion, (side.versions.get(modelVersion) ?? 0) + 1);
        if (modelVersion === '') side.degraded += 1;
      } catch {
        side.failed += 1;
      }
    },
    { aSecond: LISTS_A_SECOND, ms },
  );
  side.latencies.push(latencies);
}

/** So many swaps over a round, in equal steps. */
async function swapEvenly(
  client: TagRankClient,
  { versions, from, count }: { versions: readonly string[]; from: number; count: number },
): Promise<void> {
  for (let i = 0; i < count; i += 1) {
    const version = versions[(from + i) % versions.length] as string;
    const { changed } = await client.activateModel({ version, setBy: 'benchmark' });
    if (!changed) throw new Error(`${version} was active already`);
    await sleep(ROUND_MS / count - 20);
  }
}

function summary({ latencies, versions, failed, degraded }: Side) {
  const sorted = latencies.flat().sort((a, b) => a - b);
  const ofRounds = latencies.map((round) => p99Of(round)).sort((a, b) => a - b);
  return {
    lists: sorted.length,
    failed,
    degraded,
    medianMs: quantile(sorted, 0.5),
    p99Ms: quantile(sorted, 0.99),
    medianRoundP99Ms: quantile(ofRounds, 0.5),
    maxMs: sorted.at(-1) ?? 0,
    byModel: Object.fromEntries([...versions].sort()),
  };
}

function p99Of(latencies: readonly number[]): number {
  return quantile(
    latencies.toSorted((a, b) => a - b),
    0.99,
  );
}

await command.parseAsync(process.argv.slice(3), { from: 'user' });
