import { Command } from 'commander';
import { createProgressBar } from '../importing/progressBar.js';
import { newOwnerName } from '../projection/projector.js';
import { rebuild } from '../projection/rebuild.js';
import { type CommandLine, writeLines } from './commandLine.js';
import { describeComparison } from './describeComparison.js';
import { EXIT, type ExitCode, exitCodesHelp } from './exitCodes.js';
import { partitionsOf, withEngines } from './withEngines.js';

interface RebuildSettings {
  readonly bucket?: string;
}

export function rebuildCommand(line: CommandLine): Command {
  return new Command('rebuild')
    .description(
      'Build the online store anew from PostgreSQL while servers go on serving, then compare both.',
    )
    .option('--bucket <numbers>', 'only these buckets of people, e.g. 3, 0-15 or 1,5,9 (default: all 64)')
    .addHelpText(
      'after',
      `
Servers answer from the old state until the new one is whole and put in its place at once. What people do
meanwhile is acknowledged as ever and counted afterwards. History of any size streams through.

Examples:
  tagrank rebuild
  tagrank rebuild --bucket 0-15

${exitCodesHelp([0, 1, 2])}`,
    )
    .action(async (settings: RebuildSettings) => line.end(await runRebuild(line, settings)));
}

async function runRebuild(line: CommandLine, { bucket }: RebuildSettings): Promise<ExitCode> {
  const partitions = partitionsOf(bucket);
  return withEngines(line, async ({ truth, projectionStore, source, ledgerSettleMs }) => {
    const bar = createProgressBar(line.stderr);
    const total = await truth.behaviourLog.countOf({ partitions, throughSeq: Number.MAX_SAFE_INTEGER });
    let current: string | undefined;
    try {
      const reports = await rebuild({
        store: projectionStore,
        source,
        log: truth.behaviourLog,
        owner: newOwnerName(),
        partitions,
        ledgerSettleMs,
        onProgress: (phase, behaviours) => {
          if (phase !== current) bar.phase(`${phase} ${partitions.length} buckets`, total);
          current = phase;
          bar.update(behaviours, `${behaviours.toLocaleString('en-US')} behaviours`);
        },
      });
      bar.stop();
      writeLines(line.stdout, describeComparison(reports));
      // Nothing, unless somebody took rows away: it is the ledger once more.
      const added = await truth.reachedTouches.repair();
      if (added > 0)
        writeLines(line.stdout, [`${added} sent touches were missing in the truth's list of them`]);
      return reports.some(({ differenceCount }) => differenceCount > 0) ? EXIT.failed : EXIT.ok;
    } finally {
      bar.stop();
    }
  });
}
