import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { folderOf, QUALITY_SETS, type QualitySet } from './dataSets.js';
import { evaluateSet } from './evaluateSet.js';
import { writeMarked } from './markedSection.js';
import { qualityTable } from './qualityTable.js';
import { MEASUREMENTS, type Measurement, readResults } from './results.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const inProject = (path: string) => resolve(ROOT, path);

interface RunSettings {
  readonly sets: string;
  readonly measurements: string;
  readonly out: string;
  readonly readme: string;
  readonly tableOnly?: true;
}

const command = new Command('npm run benchmark:quality --')
  .description(
    'Evaluate TagRank on every data set that is here, keep the results, and write the README table from them.',
  )
  .argument(
    '[evaluate-options...]',
    'after `--`: options for `tagrank evaluate`, e.g. --python or --max-users',
  )
  .option('--sets <names>', 'only these', QUALITY_SETS.map(({ name }) => name).join(','))
  .option(
    '--measurements <names>',
    'only these: by a time split with a fitted or the shipped model, and by last choices',
    MEASUREMENTS.join(','),
  )
  .option('--out <folder>', 'where results are kept', inProject('benchmarks/results/quality'))
  .option('--readme <file>', 'the file whose table is written', inProject('README.md'))
  .option('--table-only', 'measure nothing, only write the table')
  .addHelpText('after', '\nDevelopment sets are looked for in TAGRANK_DATASETS (default: ../shared/data).')
  .action(run);

async function run(more: string[], settings: RunSettings): Promise<void> {
  if (!settings.tableOnly) {
    const measurements = chosen('measurement', settings.measurements, MEASUREMENTS, (name) => name);
    for (const set of chosen('data set', settings.sets, QUALITY_SETS, ({ name }) => name)) {
      await measure(set, { measurements, more, out: settings.out });
    }
  }
  const content = qualityTable(readResults(settings.out));
  const readme = readFileSync(settings.readme, 'utf8');
  writeFileSync(settings.readme, writeMarked(readme, { name: 'quality', content }));
  console.log(content);
}

function chosen<T>(kind: string, names: string, all: readonly T[], nameOf: (each: T) => string): T[] {
  return names.split(',').map((name) => {
    const found = all.find((each) => nameOf(each) === name);
    if (found === undefined) return command.error(`error: there is no ${kind} ${JSON.stringify(name)}`);
    return found;
  });
}

async function measure(
  set: QualitySet,
  options: { measurements: readonly Measurement[]; more: string[]; out: string },
): Promise<void> {
  const folder = folderOf(set, {
    root: ROOT,
    developmentSets: process.env.TAGRANK_DATASETS || '../shared/data',
  });
  if (folder === undefined) {
    console.log(`${set.name}: skipped, it is not here (TAGRANK_DATASETS names the folder that holds it)`);
    return;
  }
  const program = inProject('dist/main.js');
  // The shipped model has seen all of the bundled data, what lies after the split included.
  const hasShipped = !set.bundled && existsSync(inProject('models/default/manifest.json'));
  for (const measurement of options.measurements) {
    if (measurement === 'shipped' && !hasShipped) continue;
    await evaluateSet({ ...options, set, folder, program, measurement });
  }
}

await command.parseAsync(process.argv.slice(3), { from: 'user' });
