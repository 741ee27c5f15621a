import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { STARTING_WEIGHTS } from '../../src/behaviour/weights.js';
import { readDataSet } from '../../src/cli/readDataSet.js';
import { type TrainingSettings, trainingOptions } from '../../src/cli/trainInto.js';
import { thisMachine } from '../../src/evaluation/machine.js';
import { createProgressBar } from '../../src/importing/progressBar.js';
import { FEATURES } from '../../src/ranking/features/index.js';
import { type Contest, holdContest } from '../../src/training/familyContest.js';
import { fitFamilies } from '../../src/training/fitFamilies.js';
import { ReplayedWorld } from '../../src/training/replayedWorld.js';
import { replaySource } from '../../src/training/replaySource.js';
import { latestRows } from '../../src/training/servingCost.js';
import { type MatrixStats, trainingMatrix } from '../../src/training/trainingMatrix.js';
import { folderOf, QUALITY_SETS, type QualitySet } from '../quality/dataSets.js';
import { keptMatrix } from './keptMatrix.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

interface RunSettings extends TrainingSettings {
  readonly sets: string;
  readonly matrices?: string;
  readonly out: string;
}

/** One set of the result. */
interface SetResult extends Contest {
  readonly name: string;
  readonly splitAt: string;
  readonly stats: MatrixStats;
  readonly heldBackQueries: number;
  /** Trees, passes over the queries, and bytes of each model. */
  readonly sizes: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

const command = trainingOptions(new Command('npm run benchmark:model-families --'))
  .description(
    'Fits each family of models to every data set that is here, as `tagrank train` does, and keeps how they compare: NDCG@20 on held-back queries with paired intervals, and what serving costs.',
  )
  .option('--sets <names>', 'only these', QUALITY_SETS.map(({ name }) => name).join(','))
  .option('--matrices <folder>', 'where training matrices are kept, and taken from if they are there')
  .option('--out <file>', 'where the result is kept', resolve(ROOT, 'benchmarks/results/model-families.json'))
  .addHelpText('after', '\nDevelopment sets are looked for in TAGRANK_DATASETS (default: ../shared/data).')
  .action(run);

async function run(settings: RunSettings): Promise<void> {
  const matrices = settings.matrices ?? mkdtempSync(join(tmpdir(), 'tagrank-families-'));
  const chosen = settings.sets.split(',');
  const sets: SetResult[] = [];
  for (const set of QUALITY_SETS.filter(({ name }) => chosen.includes(name))) {
    const developmentSets = process.env.TAGRANK_DATASETS || '../shared/data';
    const folder = folderOf(set, { root: ROOT, developmentSets });
    if (folder === undefined) {
      console.log(`${set.name}: skipped, it is not here`);
      continue;
    }
    const result = await compareOn(set, { folder, work: resolve(matrices, set.name), settings });
    sets.push(result);
    for (const { family, heldBackNdcg20, servingMs } of result.figures) {
      console.log(`${set.name}: ${family} ${heldBackNdcg20.toFixed(4)}, ${servingMs.toFixed(2)} ms`);
    }
  }
  const { seed, perUser, negatives, maxQueries, servingBudgetMs } = settings;
  const options = { seed, perUser, negatives, maxQueries, servingBudgetMs, features: FEATURES.length };
  const result = { madeAt: new Date().toISOString(), machine: thisMachine(), options, sets };
  writeFileSync(settings.out, `${JSON.stringify(result, null, 2)}\n`);
}

async function compareOn(
  set: QualitySet,
  { folder, work, settings }: { folder: string; work: string; settings: RunSettings },
): Promise<SetResult> {
  const data = { ...(await readDataSet(folder, createProgressBar(process.stderr))), name: set.name };
  const matrix = { ...settings, untilMs: Date.parse(set.splitAt) };
  const { values, stats } = await keptMatrix({
    folder: work,
    matrix,
    make: async () => trainingMatrix(await ReplayedWorld.from(replaySource(data)), data.behaviours, matrix),
  });
  const contenders = await fitFamilies({
    ...{ data, matrix, stats, work },
    // What `keptMatrix` was replayed under.
    weights: STARTING_WEIGHTS,
    python: settings.python,
    scriptFolder: resolve(ROOT, 'models/train'),
    family: settings.family,
    servingBudgetMs: settings.servingBudgetMs,
  });
  const { contest, winner } = await holdContest({
    contenders,
    rows: latestRows(values),
    budgetMs: settings.servingBudgetMs,
    seed: settings.seed,
  });
  const sizes = contenders.map(({ family, fit: { metrics }, bytes }) => {
    const { trees, passes } = metrics;
    return [
      family,
      { ...(trees !== undefined && { trees }), ...(passes !== undefined && { passes }), bytes: bytes.length },
    ];
  });
  return {
    ...{ name: set.name, splitAt: set.splitAt, stats },
    heldBackQueries: winner.fit.metrics.heldBackQueries as number,
    ...contest,
    sizes: Object.fromEntries(sizes),
  };
}

await command.parseAsync(process.argv.slice(3), { from: 'user' });
