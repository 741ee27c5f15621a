import { readFile, writeFile } from 'node:fs/promises';
import { Command, Option } from 'commander';
import type { BehaviourWeights } from '../behaviour/weights.js';
import { parseBehaviourWeights, writeBehaviourWeights } from '../behaviour/weightsFile.js';
import { weightsFingerprint } from '../behaviour/weightsFingerprint.js';
import { readConfig, SETTINGS } from '../config.js';
import { InvalidInputError } from '../core/errors.js';
import type { EpochMs } from '../core/time.js';
import { createProgressBar } from '../importing/progressBar.js';
import { CHOICE_KINDS, type ChoiceKind } from '../training/weights/choiceQuestions.js';
import { fitWeights } from '../training/weights/fitWeights.js';
import { type CommandLine, writeLines } from './commandLine.js';
import { EXIT, type ExitCode, exitCodesHelp } from './exitCodes.js';
import { moment, wholeNumber } from './options.js';
import { showPhase } from './phases.js';
import { readBehaviourWeights } from './readBehaviourWeights.js';
import { type DataSet, readDataSet } from './readDataSet.js';
import { weightsReport } from './weightsReport.js';

interface FitSettings {
  readonly until?: EpochMs;
  readonly target: ChoiceKind;
  readonly seed: number;
  readonly out?: string;
}

export function weightsCommand(line: CommandLine): Command {
  const weights = new Command('weights')
    .description('Fit what each type of behaviour weighs to a data folder, or check a file of weights.')
    .helpCommand(false)
    .addHelpText(
      'after',
      `
A file of weights names types of behaviour, each with its weight, its half-life (days or hours), or both; what
it leaves out stays as shipped. purchase > add_to_cart > favourite > inquiry > browse holds in any.
${SETTINGS.behaviourWeightsFile.name} names the file. New weights need a restart of every server, with the same file, and
a model trained under them; what is stored needs no rebuild.

Examples:
  tagrank weights fit ./data --until 2024-05-01 --out weights.yaml
  tagrank weights check weights.yaml
  export ${SETTINGS.behaviourWeightsFile.name}=weights.yaml
  tagrank evaluate ./data --split-at 2024-05-01 --fit       does it help?
  tagrank train --data ./data && tagrank serve

${exitCodesHelp([0, 1, 2])}`,
    );
  weights.addCommand(
    new Command('fit')
      .description('Fit weights to what people came back to; refused when the data cannot tell.')
      .argument('<dir>', 'data folder: products, behaviours (.csv or .csv.gz)')
      .option('--until <time>', 'learn from what lies before this date or RFC 3339 time', moment)
      .addOption(
        new Option('--target <kind>', 'what to foretell: whatever people turn to next, or purchases alone')
          .choices(CHOICE_KINDS)
          .default('next'),
      )
      .option('--seed <n>', 'of everything drawn at random', wholeNumber(0), 1)
      .option('--out <file>', 'where the weights are written (default: printed after the report)')
      .addHelpText(
        'after',
        `
Counts, by type and decayed as by the weights in force, what people had done with what they chose, and with all
else that they could have come back to: products, leaf categories and shops. Types that the data do not tell keep
their place between their neighbours, and the report says why.

Example:
  tagrank weights fit ./data --until 2024-05-01 --out weights.yaml

${exitCodesHelp([0, 1, 2])}`,
      )
      .action(async (dir: string, settings: FitSettings) => line.end(await runFit(line, dir, settings))),
  );
  weights.addCommand(
    new Command('check')
      .description('Say whether a file of weights can be used, and print all weights that it means.')
      .argument('<file>', 'YAML or JSON')
      .addHelpText('after', `\nExample:\n  tagrank weights check weights.yaml\n\n${exitCodesHelp([0, 2])}`)
      .action(async (file: string) => line.end(await runCheck(line, file))),
  );
  return weights;
}

async function runFit(line: CommandLine, dir: string, settings: FitSettings): Promise<ExitCode> {
  const before = await readBehaviourWeights(readConfig(line.env));
  const bar = createProgressBar(line.stderr);
  try {
    const dataSet = await readDataSet(dir, bar);
    const { until = Number.POSITIVE_INFINITY } = settings;
    const behaviours = dataSet.behaviours.filter(({ occurredAtMs }) => occurredAtMs < until);
    const show = { count: showPhase(bar, 'count'), resample: showPhase(bar, 'resample') };
    const found = fitWeights({
      ...settings,
      behaviours,
      placeOf: placesOf(dataSet),
      before,
      onProgress: (phase, done, total) => show[phase](done, total),
    });
    bar.stop();
    const text = written(found.weights, {
      dataSet,
      settings,
      newestMs: behaviours.at(-1)?.occurredAtMs ?? 0,
    });
    if (settings.out !== undefined) await writeFile(settings.out, text);
    writeLines(line.stdout, [
      ...weightsReport(found),
      '',
      settings.out === undefined ? text.trimEnd() : `Written: ${settings.out}`,
    ]);
    return EXIT.ok;
  } finally {
    bar.stop();
  }
}

function placesOf({ products }: DataSet): Parameters<typeof fitWeights>[0]['placeOf'] {
  const places = new Map(
    products.map(({ productId, categoryPath, shopId }) => [
      productId,
      { shopId, leafCategory: categoryPath.length === 0 ? undefined : categoryPath.join('/') },
    ]),
  );
  return (productId) => places.get(productId) ?? {};
}

/** The file, with what it came from. */
function written(
  weights: BehaviourWeights,
  from: { dataSet: DataSet; settings: FitSettings; newestMs: EpochMs },
): string {
  const { target, seed } = from.settings;
  const newest = new Date(from.newestMs).toISOString();
  return [
    `# Fitted by \`tagrank weights fit\` to ${from.dataSet.title}, up to ${newest} (target ${target}, seed ${seed}).`,
    `# ${SETTINGS.behaviourWeightsFile.name} names this file; its fingerprint is ${weightsFingerprint(weights)}.`,
    writeBehaviourWeights(weights),
  ].join('\n');
}

async function runCheck({ stdout }: CommandLine, file: string): Promise<ExitCode> {
  const text = await readFile(file, 'utf8').catch((cause: Error) => {
    throw new InvalidInputError({ field: file, rule: `must be a file that can be read: ${cause.message}` });
  });
  const weights = parseBehaviourWeights(text);
  writeLines(stdout, [`# can be used; its fingerprint is ${weightsFingerprint(weights)}`]);
  stdout.write(writeBehaviourWeights(weights));
  return EXIT.ok;
}
