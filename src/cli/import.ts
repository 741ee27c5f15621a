import { Command } from 'commander';
import { createApp } from '../app.js';
import { readConfig, SETTINGS } from '../config.js';
import { importFolder } from '../importing/importFolder.js';
import { describeImport } from '../importing/importReport.js';
import { createProgressBar, showImport } from '../importing/progressBar.js';
import { appSinks } from './appSinks.js';
import { type CommandLine, writeLines } from './commandLine.js';
import { enginesOf } from './engines.js';
import { EXIT, type ExitCode, exitCodesHelp } from './exitCodes.js';
import { showPhase } from './phases.js';

interface ImportSettings {
  readonly dataDir?: string;
  readonly rejects: string;
}

export function importCommand(line: CommandLine): Command {
  return new Command('import')
    .description(
      'Bring a folder of CSV files into the truth: the data directory, or PostgreSQL where it is set.',
    )
    .argument('<dir>', 'folder with shops, products, users, behaviours (.csv or .csv.gz); any may be missing')
    .option(
      '--data-dir <dir>',
      `import into this directory, whatever the settings say (default: ${SETTINGS.dataDir.name})`,
    )
    .option('--rejects <dir>', 'where bad rows go, each with its line and reason', 'rejects')
    .addHelpText(
      'after',
      `
Files are UTF-8 with a header row (RFC 4180). Bad rows go to <table>.rejects.csv and stop nothing.
Importing the same folder again changes nothing. A server that uses the data directory must be
stopped first: one process at a time. With real engines servers may go on serving.

Examples:
  tagrank import data/completejourney
  tagrank import ./export --data-dir /var/lib/tagrank --rejects ./rejects

${exitCodesHelp([0, 1, 2, 3])}`,
    )
    .action(async (dir: string, settings: ImportSettings) => line.end(await runImport(line, dir, settings)));
}

async function runImport(line: CommandLine, dir: string, settings: ImportSettings): Promise<ExitCode> {
  const given =
    settings.dataDir === undefined
      ? {}
      : {
          [SETTINGS.dataDir.name]: settings.dataDir,
          [SETTINGS.redisUrl.name]: undefined,
          [SETTINGS.postgresUrl.name]: undefined,
        };
  const config = readConfig({ ...line.env, ...given });
  const bar = createProgressBar(line.stderr);
  const app = await createApp({
    dataDir: config.dataDir,
    engines: enginesOf(config),
    maxCandidates: config.maxCandidates,
    log: {
      info: () => {},
      warn: (_fields, message) => writeLines(line.stderr, [`warning: ${message}`]),
    },
    onReplay: showPhase(bar, 'replay what is known'),
  });
  try {
    const report = await importFolder({
      dir,
      rejectsDir: settings.rejects,
      sinks: await appSinks(app),
      onProgress: showImport(bar),
    });
    bar.stop();
    const into =
      config.engines === undefined ? `data directory: ${config.dataDir}` : 'imported into PostgreSQL';
    writeLines(line.stdout, [...describeImport(report), into]);
    return report.files.some(({ rejected }) => rejected > 0) ? EXIT.rejectedRows : EXIT.ok;
  } finally {
    bar.stop();
    await app.close();
  }
}
