import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { readConfig } from '../config.js';
import type { EpochMs } from '../core/time.js';
import { createProgressBar } from '../importing/progressBar.js';
import { installModel } from '../training/installModel.js';
import { SERVING_ROWS } from '../training/servingCost.js';
import { type CommandLine, writeLines } from './commandLine.js';
import { EXIT, type ExitCode, exitCodesHelp } from './exitCodes.js';
import { folderName, moment, packagePath } from './options.js';
import { readBehaviourWeights } from './readBehaviourWeights.js';
import { readDataSet } from './readDataSet.js';
import { type TrainingSettings, trainInto, trainingOptions } from './trainInto.js';

interface TrainSettings extends TrainingSettings {
  readonly data: string;
  readonly dataName?: string;
  readonly until?: EpochMs;
  readonly out: string;
}

export function trainCommand(line: CommandLine): Command {
  const command = new Command('train')
    .description(
      'Replay a data folder in order of time, fit a ranking model, and put it where `serve` finds it.',
    )
    .option('--data <dir>', 'data folder (default: the bundled data)', packagePath('data/completejourney'))
    .option('--data-name <name>', 'how the model card calls the data (default: title of its README)')
    .option('--until <time>', 'learn from what lies before this date or RFC 3339 time', moment)
    .option('--out <dir>', 'where model, manifest and card go', packagePath('models/default'));
  return trainingOptions(command)
    .addHelpText(
      'after',
      `
Fitting needs Python with the libraries of models/train/requirements.txt; serving needs Node alone.
It is fitted under the weights of TAGRANK_BEHAVIOUR_WEIGHTS; serve with the same.
The model in --out is replaced only after the new one was loaded and gave its golden scores.

Examples:
  tagrank train
  tagrank train --data ./data --until 2024-05-01 --out ./models/mine
  TAGRANK_MODEL=./models/mine/manifest.json tagrank serve

${exitCodesHelp([0, 1, 2])}`,
    )
    .action(async (settings: TrainSettings) => line.end(await train(line, settings)));
}

async function train(line: CommandLine, settings: TrainSettings): Promise<ExitCode> {
  const weights = await readBehaviourWeights(readConfig(line.env));
  const bar = createProgressBar(line.stderr);
  const folder = await mkdtemp(join(tmpdir(), 'tagrank-train-'));
  try {
    const read = await readDataSet(settings.data, bar);
    const { manifest, contest } = await trainInto({
      dataSet: { ...read, title: settings.dataName ?? read.title },
      name: folderName(settings.data),
      untilMs: settings.until ?? Number.POSITIVE_INFINITY,
      weights,
      settings,
      folder,
      bar,
    });
    await installModel({ manifest, from: folder, to: settings.out });
    bar.stop();
    writeLines(line.stdout, [
      `Model      ${manifest.version}`,
      `Held back  NDCG@20 ${manifest.metrics.heldBackNdcg20?.toFixed(4)} on ${manifest.metrics.heldBackQueries} questions`,
      ...contest.figures.map(({ family, heldBackNdcg20, servingMs }) => {
        const cost = `NDCG@20 ${heldBackNdcg20.toFixed(4)}, ${servingMs.toFixed(2)} ms for ${SERVING_ROWS} rows on one thread`;
        return `${family.padEnd(10)} ${cost}${family === contest.chosen ? ' (kept)' : ''}`;
      }),
      `Written    ${settings.out}`,
    ]);
    return EXIT.ok;
  } finally {
    bar.stop();
    await rm(folder, { recursive: true, force: true });
  }
}
