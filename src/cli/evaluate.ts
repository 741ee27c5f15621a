import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import { underOtherWeights } from '../app/underOtherWeights.js';
import type { Behaviour } from '../behaviour/behaviour.js';
import type { BehaviourWeights } from '../behaviour/weights.js';
import { readConfig } from '../config.js';
import { InvalidInputError } from '../core/errors.js';
import { type EpochMs, systemClock } from '../core/time.js';
import { createBaselines } from '../evaluation/baselines/createBaselines.js';
import { evaluate, type LaterRecords } from '../evaluation/evaluate.js';
import type { EvaluationResult } from '../evaluation/evaluationResult.js';
import { leaveLastOut } from '../evaluation/leaveLastOut.js';
import { reportTable } from '../evaluation/reportTable.js';
import { type EvaluationSplit, PROTOCOLS, type Protocol, splitBehaviours } from '../evaluation/split.js';
import { startTagrankRecommender, type TagrankRecommender } from '../evaluation/tagrankRecommender.js';
import { TARGET_KINDS, type TargetKind } from '../evaluation/targets.js';
import { writeReport } from '../evaluation/writeReport.js';
import { createProgressBar, type ProgressBar } from '../importing/progressBar.js';
import { readManifest } from '../inference/manifest.js';
import { type CommandLine, writeLines } from './commandLine.js';
import { EXIT, type ExitCode, exitCodesHelp } from './exitCodes.js';
import { folderName, moment, packagePath, wholeNumber } from './options.js';
import { showPhase, showQuestions } from './phases.js';
import { readBehaviourWeights } from './readBehaviourWeights.js';
import { type DataSet, readDataSet } from './readDataSet.js';
import { type TrainingSettings, trainInto, trainingOptions } from './trainInto.js';

interface EvaluateSettings extends TrainingSettings {
  readonly splitAt: EpochMs;
  readonly protocol: Protocol;
  readonly target: TargetKind;
  readonly model?: string;
  readonly fit?: true;
  readonly factorisation?: true;
  readonly ablate?: true;
  readonly maxUsers?: number;
  readonly out: string;
}

export function evaluateCommand(line: CommandLine): Command {
  const command = new Command('evaluate')
    .description(
      'Replay a data folder up to a moment, ask the real Rank, and judge it by what people did later.',
    )
    .argument('<dir>', 'data folder: shops, products, users, behaviours (.csv or .csv.gz)')
    .requiredOption(
      '--split-at <time>',
      'what lies before is learned from; the (first) questions are put then: date or RFC 3339 time',
      moment,
    )
    .addOption(
      new Option(
        '--protocol <name>',
        'hold back all that people did from the split on, or the last choice of each',
      )
        .choices(PROTOCOLS)
        .default('time-split'),
    )
    .addOption(
      new Option(
        '--target <kind>',
        'what a list should foretell: the next choice, any positive behaviour, or purchases',
      )
        .choices(TARGET_KINDS)
        .default('next'),
    )
    .addOption(
      new Option('--model <manifest>', 'manifest of the model, or `none` (default: TAGRANK_MODEL)').conflicts(
        'fit',
      ),
    )
    .option('--fit', 'fit a model to what lies before the split first (needs Python), and evaluate that')
    .option('--factorisation', 'compare with ALS and BPR as well (needs Python, see below)')
    .option('--ablate', 'also ask TagRank without each source, and without each group of features')
    .option('--max-users <n>', 'ask a seeded sample of this many people', wholeNumber(1))
    .option('--out <folder>', 'where table, JSON, SVG and page (HTML) are written', 'out');
  return trainingOptions(command)
    .addHelpText(
      'after',
      `
Compared on the same questions: popular, recently popular, what a person took before, and
item-to-item co-occurrence and session kNN, all tuned on what lies before the split alone. All products are
ranked, none sampled. --factorisation adds ALS and BPR of the library \`implicit\`, tuned likewise: --python names a
Python with the libraries of models/baselines/requirements.txt. It takes minutes, on large sets many.

time-split asks everybody at the split, by all that they did later. leave-last-out plays the log on from there,
the same to all, and asks each person just before their last choice (a basket is one choice), if it is not
their first; TagRank's model stays as fitted at the split, neighbours, ALS and BPR are fitted anew as the log goes on.

TagRank and its baselines weigh behaviours as TAGRANK_BEHAVIOUR_WEIGHTS says.

Examples:
  tagrank evaluate data/completejourney --split-at 2017-12-01
  tagrank evaluate ./data --split-at 2024-05-01T00:00:00Z --target purchase --fit --out results
  tagrank evaluate ./data --split-at 2024-05-01 --model none --max-users 500
  tagrank evaluate ./data --split-at 2024-05-01 --protocol leave-last-out

${exitCodesHelp([0, 1, 2])}`,
    )
    .action(async (dir: string, settings: EvaluateSettings) => line.end(await run(line, dir, settings)));
}

async function run(line: CommandLine, dir: string, settings: EvaluateSettings): Promise<ExitCode> {
  const weights = await readBehaviourWeights(readConfig(line.env));
  const bar = createProgressBar(line.stderr);
  const work = await mkdtemp(join(tmpdir(), 'tagrank-evaluate-'));
  try {
    const dataSet = await readDataSet(dir, bar);
    const { split, along } = questionsOf(dataSet, settings);
    const modelManifest = await modelFor({
      line,
      settings,
      dataSet,
      weights,
      name: folderName(dir),
      work,
      bar,
    });
    const result = await measure({ dataSet, split, along, weights, modelManifest, settings, bar });
    bar.stop();
    const protocol = settings.protocol === 'time-split' ? '' : `-${settings.protocol}`;
    const name = `${folderName(dir)}-${settings.target}${protocol}`;
    const files = await writeReport({ result, folder: settings.out, name });
    writeLines(line.stdout, [reportTable(result), '', `Written: ${Object.values(files).join(', ')}`]);
    return EXIT.ok;
  } finally {
    bar.stop();
    await rm(work, { recursive: true, force: true });
  }
}

/** Who is asked and when, and what is played in between. */
interface Questions {
  readonly split: EvaluationSplit;
  readonly along?: LaterRecords;
}

/** @throws InvalidInputError when nothing lies on one side of the split */
function questionsOf(dataSet: DataSet, settings: EvaluateSettings): Questions {
  const options = { ...dataSet, splitAtMs: settings.splitAt, targetKind: settings.target };
  if (settings.protocol === 'time-split') {
    const split = splitBehaviours(options);
    refuseEmpty(split, dataSet);
    return { split };
  }
  const { split, later, leftOut } = leaveLastOut(options);
  refuseEmpty(split, dataSet);
  return { split, along: { ...dataSet, later, leftOut } };
}

function refuseEmpty(split: EvaluationSplit, dataSet: DataSet): void {
  const empty = split.before.length === 0 ? 'before' : split.users.length === 0 ? 'at or after' : undefined;
  if (empty === undefined) return;
  const { behaviours } = dataSet;
  const day = (behaviour: Behaviour | undefined) => new Date(behaviour?.occurredAtMs ?? 0).toISOString();
  const span =
    behaviours.length === 0 ? '' : ` (they run from ${day(behaviours[0])} to ${day(behaviours.at(-1))})`;
  throw new InvalidInputError({
    field: '--split-at',
    rule: `must leave behaviours that count ${empty} it${span}`,
  });
}

/** The manifest of the model to evaluate; undefined for none. */
async function modelFor(options: {
  line: CommandLine;
  settings: EvaluateSettings;
  dataSet: DataSet;
  weights: BehaviourWeights;
  name: string;
  work: string;
  bar: ProgressBar;
}): Promise<string | undefined> {
  const { line, settings, work } = options;
  if (settings.fit) {
    const { manifestFile } = await trainInto({ ...options, untilMs: settings.splitAt, folder: work });
    return manifestFile;
  }
  if (settings.model === 'none') return undefined;
  const path = settings.model ?? readConfig(line.env).modelManifest;
  const manifest = await readManifest(path);
  const { data } = manifest;
  if (underOtherWeights(manifest, options.weights)) {
    writeLines(line.stderr, [
      `warning: the model ${path} was fitted under other weights of behaviours than those in force; --fit fits one under them.`,
    ]);
  }
  if (typeof data?.newest === 'string' && Date.parse(data.newest) >= settings.splitAt) {
    writeLines(line.stderr, [
      `warning: the model ${path} learned from data up to ${data.newest}, which is after the split.`,
      'warning: if that was this data, the figures flatter it; --fit trains on what lies before the split.',
    ]);
  }
  return path;
}

async function measure(options: {
  dataSet: DataSet;
  split: EvaluationSplit;
  along: LaterRecords | undefined;
  weights: BehaviourWeights;
  modelManifest: string | undefined;
  settings: EvaluateSettings;
  bar: ProgressBar;
}): Promise<EvaluationResult> {
  const { dataSet, split, along, weights, modelManifest, settings, bar } = options;
  bar.phase('tune baselines', 1);
  const baselines = await createBaselines({
    split,
    weights,
    seed: settings.seed,
    ...(settings.factorisation && {
      factorisation: { python: settings.python, scriptFolder: packagePath('models/baselines') },
    }),
  });
  bar.update(1);
  let tagrank: TagrankRecommender | undefined;
  try {
    tagrank = await startTagrankRecommender({
      ...dataSet,
      split,
      weights,
      modelManifest,
      ablate: settings.ablate,
      onProgress: showPhase(bar, 'teach tagrank'),
    });
    return await evaluate({
      dataSet: dataSet.title,
      split,
      along,
      recommenders: [...baselines.recommenders, tagrank, ...tagrank.ablations],
      subject: tagrank.name,
      maxUsers: settings.maxUsers,
      seed: settings.seed,
      madeAtMs: systemClock.nowMs(),
      onProgress: showQuestions(bar),
    });
  } finally {
    await tagrank?.close();
    await baselines.close();
  }
}
