import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { STARTING_WEIGHTS } from '../../src/behaviour/weights.js';
import { seededRandom } from '../../src/core/random.js';
import type { Model } from '../../src/inference/model.js';
import { provenModel } from '../../src/inference/onnxModel.js';
import { FEATURES, featureSchemaHash } from '../../src/ranking/features/index.js';
import { FAMILIES, type FamilyChoice } from '../../src/training/families.js';
import { type Contender, holdContest } from '../../src/training/familyContest.js';
import { fitFamilies } from '../../src/training/fitFamilies.js';
import { writeMatrix } from '../../src/training/matrixFiles.js';
import { latestRows } from '../../src/training/servingCost.js';
import { gradeOf, TAKEN } from '../../src/training/taken.js';
import type { TrainingMatrix } from '../../src/training/trainingMatrix.js';
import { tempDirOfFile } from '../support/tempDir.js';

/** A Python with the libraries of `models/train/requirements.txt`; without it fitting is not tested. */
const PYTHON = process.env.TAGRANK_PYTHON;
const SCRIPTS = fileURLToPath(new URL('../../models/train', import.meta.url));
const WIDTH = FEATURES.length;
/** A column that never changes, and one with a long tail. */
const [STILL, LONG] = [1, 2];
const ROWS = 20;
const WORK = tempDirOfFile();
let fits = 0;

/**
 * Queries of twenty rows, in which the three that are highest by the first column are taken; `noise` of the
 * time others. Of these the last is put into the cart, and the first bought as well, if there are any.
 */
function aMatrix({ queries = 120, noise = 0.1, hasPurchases = true } = {}): TrainingMatrix {
  const random = seededRandom(4);
  const values = Float32Array.from({ length: queries * ROWS * WIDTH }, (_, at) => {
    if (at % WIDTH === STILL) return 0;
    return at % WIDTH === LONG ? Math.exp(12 * random()) : random();
  });
  const taken = new Uint8Array(queries * ROWS);
  for (let query = 0; query < queries; query++) {
    const places = Array.from({ length: ROWS }, (_, row) => query * ROWS + row);
    const best = places.sort((a, b) => (values[b * WIDTH] as number) - (values[a * WIDTH] as number));
    for (let nth = 0; nth < 3; nth++) {
      const place = random() < noise ? Math.floor(random() * ROWS) : nth;
      const extra = nth === 0 ? TAKEN.purchase : nth === 2 ? TAKEN.cart : 0;
      taken[best[place] as number] = TAKEN.click | (hasPurchases ? extra : 0);
    }
  }
  const positives = taken.filter((bits) => bits > 0).length;
  return {
    values,
    taken,
    grades: taken.map(gradeOf),
    groups: new Uint32Array(queries).fill(ROWS),
    stats: { queries, rows: taken.length, positives, recallCeiling: 1, behaviours: 0 },
  };
}

async function fitted(matrix: TrainingMatrix, more: { family?: FamilyChoice; seed?: number } = {}) {
  const work = join(WORK, String(fits++));
  await writeMatrix(matrix, work);
  return fitFamilies({
    data: { name: 'tiny', title: 'Tiny', shops: [], products: [], users: [], behaviours: [] },
    weights: STARTING_WEIGHTS,
    matrix: {
      untilMs: Number.POSITIVE_INFINITY,
      perUser: 1,
      negatives: 17,
      maxQueries: 200,
      seed: more.seed ?? 3,
    },
    stats: matrix.stats,
    python: PYTHON as string,
    scriptFolder: SCRIPTS,
    work,
    family: more.family ?? 'best',
    servingBudgetMs: 0.5,
  });
}

function load({ manifest, bytes }: Contender): Promise<Model> {
  const expected = { names: FEATURES.map(({ name }) => name), schemaHash: featureSchemaHash() };
  return provenModel(manifest, { bytes, name: 'fitted' }, expected);
}

const sha256 = ({ bytes }: Contender) => createHash('sha256').update(bytes).digest('hex');

describe.skipIf(PYTHON === undefined)('fitted families (set TAGRANK_PYTHON)', () => {
  let contenders: Contender[];
  const matrix = aMatrix();

  beforeAll(async () => {
    contenders = await fitted(matrix);
  }, 180_000);

  it('are all there, fitted to the same matrix and judged on the same held-back queries', () => {
    expect(contenders.map(({ family }) => family)).toEqual(FAMILIES);
    for (const { fit: said, manifest, family } of contenders) {
      expect(said.metrics.heldBackQueries).toBe(18);
      expect(said.heldBackNdcg20ByQuery).toHaveLength(18);
      expect(manifest.training).toMatchObject({ family, families: 'trees, network', servingBudgetMs: 0.5 });
      for (const each of contenders) {
        expect(manifest.metrics[`${each.family}HeldBackNdcg20`]).toBe(each.fit.metrics.heldBackNdcg20);
      }
    }
  });

  it('learn what decides, and say which feature that is', () => {
    for (const { fit: said } of contenders) {
      expect(said.metrics.heldBackNdcg20).toBeGreaterThan(0.8);
      const [decisive] = Object.entries(said.importance) as [[string, number], ...[string, number][]];
      expect(decisive[0]).toBe(FEATURES[0]?.name);
      expect(Object.values(said.importance).reduce((sum, share) => sum + share, 0)).toBeCloseTo(1);
    }
  });

  it('give finite scores for values far outside what they saw', async () => {
    for (const contender of contenders) {
      const model = await load(contender);
      const rows = [-1e30, -1, 0, 1, 1e30].flatMap((value) => new Array<number>(WIDTH).fill(value));
      const scores = await model.score(Float32Array.from(rows), 5);
      expect(scores.every(Number.isFinite)).toBe(true);
      await model.close();
    }
  });

  it('do not decide by a feature that never changed while they learned', async () => {
    for (const contender of contenders) {
      const model = await load(contender);
      const row = matrix.values.slice(0, WIDTH);
      const other = row.with(STILL, 100);
      const [one, two] = await model.score(Float32Array.from([...row, ...other]), 2);
      // The last digit depends on the place of a row.
      expect(two).toBeCloseTo(one as number, 4);
      await model.close();
    }
  });

  it('are the same, byte for byte, for the same seed, and others for another', async () => {
    const [again, other] = [await fitted(matrix), await fitted(matrix, { seed: 4 })];
    expect(again.map(sha256)).toEqual(contenders.map(sha256));
    expect(again.map(({ manifest }) => manifest)).toEqual(contenders.map(({ manifest }) => manifest));
    for (const [place, contender] of other.entries()) {
      expect(sha256(contender)).not.toBe(sha256(contenders[place] as Contender));
    }
  }, 180_000);

  it('learn from a log in which nobody bought or carted anything', async () => {
    const [contender] = (await fitted(aMatrix({ hasPurchases: false }), { family: 'network' })) as [
      Contender,
    ];
    expect(contender.fit.metrics.heldBackNdcg20).toBeGreaterThan(0.8);
    expect(contender.manifest.training.objective).toBe('listwise softmax, click 1, cart 0, purchase 0');
    const [, withPurchases] = contenders as [Contender, Contender];
    expect(withPurchases.manifest.training.objective).toBe(
      'listwise softmax, click 0.5, cart 0.25, purchase 0.25',
    );
    expect(sha256(contender)).not.toBe(sha256(withPurchases));
  }, 120_000);

  it('are compared by quality and cost, and by how far the chosen one is ahead', async () => {
    const { winner, contest } = await holdContest({
      contenders,
      rows: latestRows(matrix.values),
      budgetMs: 1_000,
      seed: 1,
    });
    const best = Math.max(...contenders.map(({ fit: said }) => said.metrics.heldBackNdcg20 as number));
    expect(winner.fit.metrics.heldBackNdcg20).toBe(best);
    expect(contest.chosen).toBe(winner.family);
    for (const { family, heldBackNdcg20, servingMs, chosenIsAheadBy } of contest.figures) {
      expect(servingMs).toBeGreaterThan(0);
      expect(chosenIsAheadBy === undefined).toBe(family === contest.chosen);
      if (chosenIsAheadBy !== undefined) {
        expect(chosenIsAheadBy.mean).toBeCloseTo(best - heldBackNdcg20);
        expect(chosenIsAheadBy.low).toBeLessThanOrEqual(chosenIsAheadBy.mean);
        expect(chosenIsAheadBy.high).toBeGreaterThanOrEqual(chosenIsAheadBy.mean);
      }
    }
  });

  it('come down the true slope of the loss: the gradients are those of small steps', () => {
    const check = fileURLToPath(new URL('gradientCheck.py', import.meta.url));
    const { status, stdout, stderr } = spawnSync(PYTHON as string, ['-B', check, SCRIPTS], {
      encoding: 'utf8',
    });
    expect(stderr).toBe('');
    expect(status).toBe(0);
    expect(Number(stdout)).toBeLessThan(1e-2);
  }, 60_000);
});
