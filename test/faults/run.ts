import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { wholeNumber } from '../../src/cli/options.js';
import { missingEngines } from '../support/engines.js';
import { EXIT } from './exit.js';
import { runFlush } from './flushUnderLoad.js';
import { runKills } from './killsUnderLoad.js';
import { runPermutation } from './permutation/runPermutation.js';

const PROGRAM = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

interface Settings {
  readonly seed?: number;
  readonly kills: number;
  readonly seconds: number;
  readonly rebuild: boolean;
  readonly flush: boolean;
  readonly permutation: boolean;
  readonly events: number;
  readonly sets: string;
  readonly server: string;
}

const command = new Command('npm run test:faults --')
  .description(
    'Kill servers, Redis primaries and PostgreSQL under load, again and again, and compare what is left with a replay of the log.',
  )
  .option(
    '--seed <number>',
    'of the schedule and of what callers choose (default: another each time)',
    wholeNumber(0),
  )
  .option('--kills <count>', 'how many processes are killed', wholeNumber(0), 32)
  .option('--seconds <count>', 'over how long', wholeNumber(1), 100)
  .option('--rebuild', 'run `tagrank rebuild` over and over meanwhile', false)
  .option('--flush', 'instead of killing, throw away what Redis holds, and rebuild it', false)
  .option(
    '--permutation',
    'instead of killing, compare real events by time with the same in any order',
    false,
  )
  .option('--events <count>', 'how many of them', wholeNumber(1), 100_000)
  .option('--sets <names>', 'of which development sets', 'jd,taobao,uci')
  .option('--server <file>', 'the built program', PROGRAM)
  .addHelpText(
    'after',
    `
Starts what it needs (a PostgreSQL, six Redis nodes, two servers) on free ports of this machine, and leaves
nothing behind but, after a violation, the servers' logs.

Examples:
  npm run test:faults
  npm run test:faults -- --seed 7 --kills 60 --seconds 200
  npm run test:faults -- --flush
  npm run test:faults -- --permutation --sets jd,retailrocket

Development sets are looked for in TAGRANK_DATASETS (default: ../shared/data).

Exit codes:
  0  everything held
  1  something did not; the seed and what was wrong are printed
  2  bad usage, or what it needs could not be started
  3  skipped: this machine has no Redis, no PostgreSQL or not the data`,
  )
  .exitOverride((error) => {
    process.exit(error.exitCode === 0 ? EXIT.held : EXIT.failed);
  })
  .action(run);

async function run(settings: Settings): Promise<void> {
  const missing = missingEngines();
  if (missing !== undefined) {
    console.log(missing);
    process.exit(EXIT.skipped);
  }
  const seed = settings.seed ?? Date.now() % 1_000_000;
  const isSound = await chosenRun({ ...settings, seed });
  process.exit(isSound === undefined ? EXIT.skipped : isSound ? EXIT.held : EXIT.violated);
}

function chosenRun(settings: Settings & { seed: number }): Promise<boolean | undefined> {
  const options = {
    ...settings,
    program: resolve(settings.server),
    sets: settings.sets.split(','),
    say: (line: string) => console.log(line),
  };
  if (settings.permutation) return runPermutation(options);
  return settings.flush ? runFlush(options) : runKills(options);
}

try {
  await command.parseAsync(process.argv.slice(3), { from: 'user' });
} catch (error) {
  console.error(error);
  process.exit(EXIT.failed);
}
