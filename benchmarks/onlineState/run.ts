import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { thisMachine } from '../../src/evaluation/machine.js';
import { joinHistories } from '../../src/projection/packedHistory.js';
import { learnedOfMost } from '../../test/support/learnedOfMost.js';
import { startRedis } from '../../test/support/redisServer.js';
import { twelveTouches } from '../../test/support/twelveTouches.js';
import { folderOf, QUALITY_SETS } from '../quality/dataSets.js';
import { type FoldedSet, foldSet } from './foldedSet.js';
import { type OnlinePerson, redisBytesAPerson } from './redisBytes.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** People of the same size that are written at once: tables grow by doubling, so not a power of two. */
const COHORT = 20_000;
const BEHAVIOURS_A_PERSON = 30;
const MILLIONS = [1, 10, 100];
const GIB = 2 ** 30;

interface RunSettings {
  readonly sets: string;
  readonly out: string;
}

/** One line of the result. */
interface SetResult {
  readonly name: string;
  readonly behaviours: number;
  readonly users: number;
  readonly products: number;
  readonly packedBytesABehaviour: number;
  /** Of the people as they are, histories alone. */
  readonly redisBytesAUser: number;
  /** Of people with 30 of the set's behaviours each, and of the same with 12 touches. */
  readonly redisBytesOf30: number;
  readonly redisBytesOf30And12Touches: number;
  readonly foldMicrosABehaviour: number;
  readonly readMicros: FoldedSet['readMicros'];
}

const command = new Command('npm run benchmark:online-state --')
  .description(
    'Bytes a person in Redis on every data set that is here, and the processor time of the folds. Starts a Redis of its own.',
  )
  .option('--sets <names>', 'only these', QUALITY_SETS.map(({ name }) => name).join(','))
  .option('--out <file>', 'where the result is kept', resolve(ROOT, 'benchmarks/results/online-state.json'))
  .action(run);

async function run(settings: RunSettings): Promise<void> {
  const chosen = settings.sets.split(',');
  const redis = await startRedis();
  const results: SetResult[] = [];
  try {
    for (const set of QUALITY_SETS.filter(({ name }) => chosen.includes(name))) {
      const developmentSets = process.env.TAGRANK_DATASETS || '../shared/data';
      const folder = folderOf(set, { root: ROOT, developmentSets });
      if (folder === undefined) console.log(`${set.name}: skipped, it is not here`);
      else results.push(await measure(await foldSet(set.name, folder), redis.nodes[0]?.url ?? redis.url));
    }
  } finally {
    await redis.stop();
  }
  if (results.length === 0) command.error('error: nothing was measured, none of the sets is here');
  writeFileSync(
    settings.out,
    `${JSON.stringify({ measuredAt: new Date().toISOString(), machine: thisMachine(), node: process.version, sets: results }, null, 2)}\n`,
  );
  console.table(results.map(lineOf));
  console.log('People with 30 behaviours and 12 touches, GiB of Redis for so many millions of them:');
  console.table(
    results.map(({ name, redisBytesOf30And12Touches: bytes }) => ({
      set: name,
      ...Object.fromEntries(
        MILLIONS.map((million) => [`${million} M`, Number(((million * 1e6 * bytes) / GIB).toFixed(1))]),
      ),
    })),
  );
}

async function measure(set: FoldedSet, url: string): Promise<SetResult> {
  const own = [...set.records].map(([userId, packs]) => ({ userId, history: joinHistories(...packs) }));
  const packedBytes = own.reduce((sum, { history }) => sum + history.length, 0);
  const cohort = cohortOf(set);
  return {
    name: set.name,
    behaviours: set.behaviours,
    users: set.users,
    products: set.products,
    packedBytesABehaviour: packedBytes / set.behaviours,
    redisBytesAUser: await redisBytesAPerson(url, own),
    redisBytesOf30: await redisBytesAPerson(url, cohort),
    redisBytesOf30And12Touches: await redisBytesAPerson(
      url,
      cohort.map((person) => ({
        ...person,
        touches: { ...twelveTouches(person.userId), learned: learnedOfMost() },
      })),
    ),
    foldMicrosABehaviour: set.foldMicros,
    readMicros: set.readMicros,
  };
}

/** People with exactly so many behaviours each, dealt out of the set's own, again and again if need be. */
function cohortOf(set: FoldedSet): OnlinePerson[] {
  const packs = [...set.records.values()].flat();
  return Array.from({ length: COHORT }, (_, i) => ({
    userId: `user-${1_000_000 + i}`,
    history: joinHistories(
      ...Array.from(
        { length: BEHAVIOURS_A_PERSON },
        (__, j) => packs[(i * BEHAVIOURS_A_PERSON + j) % packs.length] as Uint8Array,
      ),
    ),
  }));
}

function lineOf(result: SetResult) {
  return {
    set: result.name,
    behaviours: result.behaviours,
    users: result.users,
    'packed B/behaviour': Number(result.packedBytesABehaviour.toFixed(1)),
    'Redis B/user': Math.round(result.redisBytesAUser),
    'Redis B, 30 beh.': Math.round(result.redisBytesOf30),
    'Redis B, 30 beh. + 12 touches': Math.round(result.redisBytesOf30And12Touches),
    'fold µs/behaviour': Number(result.foldMicrosABehaviour.toFixed(1)),
    'read µs median': Math.round(result.readMicros.median),
    'read µs p99': Math.round(result.readMicros.p99),
  };
}

await command.parseAsync(process.argv.slice(3), { from: 'user' });
