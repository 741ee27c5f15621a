import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { readConfig } from '../config.js';
import { createProgressBar } from '../importing/progressBar.js';
import type { CommandLine } from './commandLine.js';
import { atTheCap } from './demo/atTheCap.js';
import { browser } from './demo/browser.js';
import { newcomers } from './demo/newcomers.js';
import { type OpenShop, openShop, SHOP_TIME_ZONE } from './demo/openShop.js';
import { returningCustomer } from './demo/returningCustomer.js';
import { Screen, wallClock } from './demo/screen.js';
import { Storefront } from './demo/storefront.js';
import { EXIT, type ExitCode, exitCodesHelp } from './exitCodes.js';

export function demoCommand(line: CommandLine): Command {
  return new Command('demo')
    .description('Import the bundled data, serve it, and play a few situations over gRPC.')
    .addHelpText(
      'after',
      `
Everything happens in a temporary directory and on a free port; nothing is left behind.

Example:
  tagrank demo

${exitCodesHelp([0, 1])}`,
    )
    .action(async () => line.end(await demo(line)));
}

async function demo(line: CommandLine): Promise<ExitCode> {
  const startedMs = performance.now();
  const screen = new Screen(line.stdout, line.env);
  const bar = createProgressBar(line.stderr);
  const folder = await mkdtemp(join(tmpdir(), 'tagrank-demo-'));
  let shop: OpenShop | undefined;
  try {
    screen.say('TagRank on a year of groceries: The Complete Journey, 360 households of 84.51°.');
    shop = await openShop({ folder, modelManifest: readConfig(line.env).modelManifest, bar });
    introduce(screen, shop);
    const storefront = new Storefront({ client: shop.client, clock: shop.clock, screen });
    for (const play of [returningCustomer, browser, newcomers, atTheCap]) {
      await play({ shop, storefront, screen });
    }
    const seconds = (performance.now() - startedMs) / 1_000;
    screen.say(
      '',
      `Done in ${seconds.toFixed(0)} s. \`tagrank serve\` answers the same calls for your own shops.`,
    );
    return EXIT.ok;
  } finally {
    bar.stop();
    await shop?.close();
    await rm(folder, { recursive: true, force: true });
  }
}

function introduce(screen: Screen, { report, address, clock, modelVersion }: OpenShop): void {
  const rows = report.files.map((file) => `${file.imported.toLocaleString('en-US')} ${file.table}`);
  screen.say(
    `Imported ${rows.join(', ')}; serving gRPC on ${address}.`,
    'The source has no titles: a product is called by its type and size, a shop by its number.',
    `Ranking by ${modelVersion === undefined ? 'hand-set weights (no model is there)' : `model ${modelVersion}`}.`,
    'The data end with 2017, so the demo’s clock does too: it stands at',
    `${wallClock(clock.nowMs(), SHOP_TIME_ZONE)} (New York), the morning after the last receipt.`,
  );
}
