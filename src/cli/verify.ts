import { Command } from 'commander';
import { createProgressBar } from '../importing/progressBar.js';
import { verifyLearned } from '../projection/verifyLearned.js';
import { type PartitionReport, verifyPartition } from '../projection/verifyPartition.js';
import { verifyTouches } from '../projection/verifyTouches.js';
import { type CommandLine, writeLines } from './commandLine.js';
import { describeComparison, describeLearned, describeTouches } from './describeComparison.js';
import { EXIT, type ExitCode, exitCodesHelp } from './exitCodes.js';
import { partitionsOf, withEngines } from './withEngines.js';

interface VerifySettings {
  readonly bucket?: string;
}

export function verifyCommand(line: CommandLine): Command {
  return new Command('verify')
    .description('Compare the online store with PostgreSQL, user by user, at any time; name what differs.')
    .option('--bucket <numbers>', 'only these buckets of people, e.g. 3, 0-15 or 1,5,9 (default: all 64)')
    .addHelpText(
      'after',
      `
Changes nothing, and servers may go on serving. \`tagrank rebuild\` mends what differs.

Examples:
  tagrank verify
  tagrank verify --bucket 7

${exitCodesHelp([0, 1, 2])}`,
    )
    .action(async (settings: VerifySettings) => line.end(await runVerify(line, settings)));
}

async function runVerify(line: CommandLine, { bucket }: VerifySettings): Promise<ExitCode> {
  const partitions = partitionsOf(bucket);
  return withEngines(line, async ({ truth, projectionStore, touchStore, source, pruneTouchesBeforeMs }) => {
    const bar = createProgressBar(line.stderr);
    const total = await truth.behaviourLog.countOf({ partitions, throughSeq: Number.MAX_SAFE_INTEGER });
    bar.phase(`compare ${partitions.length} buckets`, total);
    const reports: PartitionReport[] = [];
    let compared = 0;
    try {
      for (const partition of partitions) {
        const report = await verifyPartition(partition, {
          log: truth.behaviourLog,
          store: projectionStore,
          pack: source.pack,
          onProgress: (behaviours) => {
            bar.update(
              compared + behaviours,
              `${(compared + behaviours).toLocaleString('en-US')} behaviours`,
            );
          },
        });
        compared += report.behaviours;
        reports.push(report);
      }
      const touches = await verifyTouches({
        partitions,
        ledger: truth.touchLedger,
        store: touchStore,
        pruneBeforeMs: pruneTouchesBeforeMs(),
      });
      const learned = await verifyLearned({ partitions, learner: source.learner, store: touchStore });
      bar.stop();
      writeLines(line.stdout, [
        ...describeComparison(reports),
        ...describeTouches(touches),
        ...describeLearned(learned),
      ]);
      const differ = [...reports, touches, learned].some(({ differenceCount }) => differenceCount > 0);
      return differ ? EXIT.failed : EXIT.ok;
    } finally {
      bar.stop();
    }
  });
}
