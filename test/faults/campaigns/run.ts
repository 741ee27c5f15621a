import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { wholeNumber } from '../../../src/cli/options.js';
import { missingEngines } from '../../support/engines.js';
import { EXIT } from '../exit.js';
import { runCampaigns } from './runCampaigns.js';

const PROGRAM = fileURLToPath(new URL('../../../dist/main.js', import.meta.url));

interface Settings {
  readonly seed?: number;
  readonly campaigns: number;
  readonly users: number;
  readonly servers: number;
  readonly kills: number;
  readonly server: string;
}

const command = new Command('npm run test:campaigns --')
  .description(
    'Many campaigns reserve, commit and release for the same people while servers are killed; then every cap of everybody is counted from the ledger.',
  )
  .option('--seed <number>', 'of what campaigns choose (default: another each time)', wholeNumber(0))
  .option('--campaigns <count>', 'how many at once', wholeNumber(1), 32)
  .option('--users <count>', 'over how many people, all of them in each campaign', wholeNumber(1), 10_000)
  .option('--servers <count>', 'processes of `tagrank serve`', wholeNumber(2), 4)
  .option('--kills <count>', 'how many of them are killed; the first comes back', wholeNumber(0), 2)
  .option('--server <file>', 'the built program', PROGRAM)
  .addHelpText(
    'after',
    `
Starts what it needs (a PostgreSQL, six Redis nodes, the servers) on free ports of this machine, and leaves
nothing behind but, after a violation, the servers' logs.

Examples:
  npm run test:campaigns
  npm run test:campaigns -- --seed 7 --users 1000
  npm run test:campaigns -- --servers 6 --kills 4

Exit codes:
  0  nobody got a message too many
  1  somebody did, or something else did not hold; the seed and what was wrong are printed
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
  if (settings.kills >= settings.servers) {
    console.error('--kills: must be fewer than --servers, or nobody is left to ask');
    process.exit(EXIT.failed);
  }
  const isSound = await runCampaigns({
    ...settings,
    seed: settings.seed ?? Date.now() % 1_000_000,
    program: resolve(settings.server),
    say: (line) => console.log(line),
  });
  process.exit(isSound ? EXIT.held : EXIT.violated);
}

try {
  await command.parseAsync(process.argv.slice(3), { from: 'user' });
} catch (error) {
  console.error(error);
  process.exit(EXIT.failed);
}
