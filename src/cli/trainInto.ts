import { type Command, Option } from 'commander';
import type { BehaviourWeights } from '../behaviour/weights.js';
import type { EpochMs } from '../core/time.js';
import type { ProgressBar } from '../importing/progressBar.js';
import { FAMILY_CHOICES, type FamilyChoice, SERVING_BUDGET_MS } from '../training/families.js';
import { SERVING_ROWS } from '../training/servingCost.js';
import { type TrainedModel, trainModel } from '../training/trainModel.js';
import { packagePath, positiveNumber, wholeNumber } from './options.js';
import { showPhase } from './phases.js';
import type { DataSet } from './readDataSet.js';

/** Options that `train` and `evaluate --fit` share. */
export interface TrainingSettings {
  readonly python: string;
  readonly seed: number;
  readonly perUser: number;
  readonly negatives: number;
  readonly maxQueries: number;
  readonly family: FamilyChoice;
  readonly servingBudgetMs: number;
}

export function trainingOptions(command: Command): Command {
  return command
    .option('--seed <n>', 'of everything drawn at random', wholeNumber(0), 1)
    .option('--python <program>', 'Python with the libraries of models/train/requirements.txt', 'python3')
    .option(
      '--per-user <n>',
      'questions to learn from a person before visits, and as many within them, at most',
      wholeNumber(1),
      8,
    )
    .option(
      '--negatives <n>',
      'products left that are kept beside those taken, a question',
      wholeNumber(1),
      60,
    )
    .option('--max-queries <n>', 'questions to learn from, at most', wholeNumber(20), 6_000)
    .addOption(
      new Option(
        '--family <name>',
        'fit trees (LambdaMART), a network of several tasks, or both, and keep the better',
      )
        .choices(FAMILY_CHOICES)
        .default('best'),
    )
    .option(
      '--serving-budget-ms <ms>',
      `what scoring ${SERVING_ROWS} products may cost: of those within it trees are kept, unless the network is better beyond noise; where none is, the cheaper`,
      positiveNumber,
      SERVING_BUDGET_MS,
    );
}

/** Trains on what lies before `untilMs`, with a bar, into `folder`. */
export async function trainInto(options: {
  dataSet: DataSet;
  /** Begins the model's version. */
  name: string;
  untilMs: EpochMs;
  weights: BehaviourWeights;
  settings: TrainingSettings;
  folder: string;
  bar: ProgressBar;
}): Promise<TrainedModel> {
  const { dataSet, name, untilMs, settings, bar } = options;
  return trainModel({
    data: { ...dataSet, name },
    weights: options.weights,
    matrix: { ...settings, untilMs, onProgress: showPhase(bar, 'replay') },
    python: settings.python,
    family: settings.family,
    servingBudgetMs: settings.servingBudgetMs,
    scriptFolder: packagePath('models/train'),
    folder: options.folder,
    onFit: ({ queries, rows }) => {
      bar.phase('fit', 1);
      bar.update(0, `${queries.toLocaleString('en-US')} questions, ${rows.toLocaleString('en-US')} rows`);
    },
  });
}
