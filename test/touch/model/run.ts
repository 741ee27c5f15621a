import { Command, Option } from 'commander';
import fc from 'fast-check';
import { wholeNumber } from '../../../src/cli/options.js';
import { redisBinary } from '../../support/redisServer.js';
import { NOTHING, sumOf } from './counts.js';
import { histories } from './histories.js';
import { liveOnAll } from './liveOnAll.js';
import { clusterBackEnd, memoryBackEnd, redisBackEnd, type TouchBackEnd } from './touchBackEnds.js';

interface Settings {
  readonly runs: number;
  readonly seed?: number;
  readonly path?: string;
  readonly on: 'memory' | 'all';
}

const EXIT = { held: 0, violated: 1, failed: 2, skipped: 3 } as const;
const PROGRESS_EVERY_MS = 30_000;

const command = new Command('npm run test:touch-model --')
  .description(
    'Random histories of the touch room on the memory store, Redis and a Redis Cluster, every answer held against the rules by their words.',
  )
  .option('--runs <count>', 'how many histories', wholeNumber(1), 5_000)
  .option('--seed <number>', 'of the histories (default: another each time)', Number)
  .option('--path <path>', 'of one history, as printed when it failed')
  .addOption(
    new Option('--on <stores>', 'memory alone takes a hundredth of the time, and makes what failed smaller')
      .choices(['memory', 'all'])
      .default('all'),
  )
  .addHelpText(
    'after',
    `
Examples:
  npm run test:touch-model -- --runs 5000
  npm run test:touch-model -- --seed 7 --path 311 --on memory

Exit codes:
  0  every answer was right
  1  one was not; the history, its seed and path, and what was wrong are printed
  2  bad usage, or Redis could not be started
  3  skipped: this machine has no Redis`,
  )
  .exitOverride((error) => {
    process.exit(error.exitCode === 0 ? EXIT.held : EXIT.failed);
  })
  .action(run);

async function run({ runs, seed = Date.now() % 1_000_000, path, on }: Settings): Promise<void> {
  if (on === 'all' && redisBinary() === undefined) {
    console.log('skipped: this machine has no redis-server');
    process.exit(EXIT.skipped);
  }
  const backEnds: TouchBackEnd[] = [memoryBackEnd()];
  if (on === 'all') backEnds.push(await redisBackEnd(), await clusterBackEnd());
  const names = backEnds.map(({ name }) => name).join(', ');
  console.log(`${runs} histories on each of: ${names}; seed ${seed}`);
  try {
    const isSound = await explore(backEnds, { numRuns: runs, seed, path, endOnFailure: on === 'all' });
    process.exitCode = isSound ? EXIT.held : EXIT.violated;
  } finally {
    await Promise.all(backEnds.map((backEnd) => backEnd.close()));
  }
}

async function explore(
  backEnds: readonly TouchBackEnd[],
  parameters: fc.Parameters<unknown>,
): Promise<boolean> {
  let counts = NOTHING;
  let toldMs = performance.now();
  const property = fc.asyncProperty(histories, async (history) => {
    counts = sumOf(counts, await liveOnAll(history, backEnds));
    if (performance.now() - toldMs < PROGRESS_EVERY_MS) return;
    toldMs = performance.now();
    console.log(`${counts.histories / backEnds.length} so far`);
  });
  const startMs = performance.now();
  const details = await fc.check(property, parameters);
  console.log(details.failed ? fc.defaultReportMessage(details) : 'every answer was right');
  if (details.errorInstance instanceof Error) console.log(details.errorInstance.message);
  console.table(counts);
  console.log(`in ${Math.round((performance.now() - startMs) / 1_000)} s`);
  return !details.failed;
}

try {
  await command.parseAsync(process.argv.slice(3), { from: 'user' });
} catch (error) {
  console.error(error);
  process.exit(EXIT.failed);
}
