import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { wholeNumber } from '../../src/cli/options.js';
import { missingEngines } from '../support/engines.js';
import { runFlush } from './flushUnderLoad.js';
import { runKills } from './killsUnderLoad.js';

const PROGRAM = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

interface Settings {
  readonly seed?: number;
  readonly kills: number;
  readonly seconds: number;
  readonly rebuild: boolean;
  readonly flush: boolean;
  readonly server: string;
}

const EXIT = { held: 0, violated: 1, failed: 2, skipped: 3 } as const;

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

Exit codes:
  0  everything held
  1  something did not; the seed and what was wrong are printed
  2  bad usage, or what it needs could not be started
  3  skipped: this machine has no Redis or no PostgreSQL`,
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
  const options = {
    program: resolve(settings.server),
    seed: settings.seed ?? Date.now() % 1_000_000,
    say: (line: string) => console.log(line),
  };
  const { flush, kills, seconds, rebuild } = settings;
  const isSound = flush ? await runFlush(options) : await runKills({ ...options, kills, seconds, rebuild });
  process.exit(isSound ? EXIT.held : EXIT.violated);
}

try {
  await command.parseAsync(process.argv.slice(3), { from: 'user' });
} catch (error) {
  console.error(error);
  process.exit(EXIT.failed);
}
