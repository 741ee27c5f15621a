import { describe, expect, it, vi } from 'vitest';
import type { Behaviour } from '../../src/behaviour/behaviour.js';
import type { EpochMs } from '../../src/core/time.js';
import { FEATURES, featureMatrix } from '../../src/ranking/features/index.js';
import { ReplayedWorld } from '../../src/training/replayedWorld.js';
import { gradeOf, TAKEN } from '../../src/training/taken.js';
import {
  type MatrixOptions,
  type TrainingMatrix,
  trainingMatrix,
} from '../../src/training/trainingMatrix.js';
import { aTown, someMonths, TOWN_END_MS } from './pastWorld.js';

const options: MatrixOptions = {
  untilMs: TOWN_END_MS,
  perUser: 4,
  negatives: 10,
  maxQueries: 30,
  seed: 11,
};

async function matrixOf(behaviours: readonly Behaviour[], more: Partial<MatrixOptions> = {}) {
  return trainingMatrix(await ReplayedWorld.from(aTown()), behaviours, { ...options, ...more });
}

/** What was known when a person was asked: the candidates, and their features. */
interface Asked {
  readonly userId: string;
  readonly atMs: EpochMs;
  readonly productIds: readonly string[];
  readonly values: readonly number[];
}

function ask(world: ReplayedWorld, userId: string, atMs: EpochMs): Asked {
  const { query, candidates } = world.ask(userId, atMs);
  return {
    userId,
    atMs,
    productIds: candidates.ordinals.map((ordinal) => world.productIdAt(ordinal)),
    values: [...featureMatrix(query, candidates)],
  };
}

/** Everything that was asked while a matrix was made. */
async function askedDuring(behaviours: readonly Behaviour[]): Promise<Asked[]> {
  const world = await ReplayedWorld.from(aTown());
  const asked: Asked[] = [];
  const original = world.ask.bind(world);
  vi.spyOn(world, 'ask').mockImplementation((userId, atMs) => {
    const answer = original(userId, atMs);
    asked.push({
      userId,
      atMs,
      productIds: answer.candidates.ordinals.map((ordinal) => world.productIdAt(ordinal)),
      values: [...featureMatrix(answer.query, answer.candidates)],
    });
    return answer;
  });
  await trainingMatrix(world, behaviours, options);
  return asked;
}

/** The same question to a world that ended with the moment of it. */
async function askedAtTheEndOfTime(
  behaviours: readonly Behaviour[],
  { userId, atMs }: Asked,
): Promise<Asked> {
  const world = await ReplayedWorld.from(aTown());
  for (const behaviour of behaviours) if (behaviour.occurredAtMs <= atMs) await world.apply(behaviour);
  return ask(world, userId, atMs);
}

function expectConsistent({ values, grades, taken, groups, stats }: TrainingMatrix): void {
  expect([...taken].map(gradeOf)).toEqual([...grades]);
  expect(values).toHaveLength(grades.length * FEATURES.length);
  expect(groups.reduce((sum, rows) => sum + rows, 0)).toBe(grades.length);
  expect(stats).toMatchObject({ rows: grades.length, queries: groups.length });
  expect(stats.positives).toBe(grades.filter((grade) => grade > 0).length);
}

describe('the training matrix', () => {
  it('does not leak: no query sees a candidate or a feature that the future changed', async () => {
    const behaviours = someMonths();
    const asked = await askedDuring(behaviours);
    expect(asked.length).toBeGreaterThan(10);
    // Each question takes a world of its own: every third will do.
    for (const during of asked.filter((_, i) => i % 3 === 0)) {
      expect(during).toEqual(await askedAtTheEndOfTime(behaviours, during));
    }
  });

  it('does see the past: the same question a little later is answered otherwise', async () => {
    const behaviours = someMonths();
    const [during] = (await askedDuring(behaviours)) as [Asked];
    const { values } = await askedAtTheEndOfTime(behaviours, { ...during, atMs: TOWN_END_MS });
    expect(values).not.toEqual(during.values);
  });

  it('is the same for the same seed, and another for another', async () => {
    const behaviours = someMonths();
    const [once, again, other] = [
      await matrixOf(behaviours),
      await matrixOf(behaviours),
      await matrixOf(behaviours, { seed: 12 }),
    ];
    expect(again).toEqual(once);
    expect(other.values).not.toEqual(once.values);
  });

  it('has a positive in every group, no more negatives than asked for, and finite numbers alone', async () => {
    const matrix = await matrixOf(someMonths(2));
    expectConsistent(matrix);
    expect(matrix.stats.queries).toBeGreaterThan(5);
    let at = 0;
    for (const rows of matrix.groups) {
      const grades = matrix.grades.subarray(at, at + rows);
      expect(grades.some((grade) => grade > 0)).toBe(true);
      expect(grades.filter((grade) => grade === 0).length).toBeLessThanOrEqual(options.negatives);
      at += rows;
    }
    expect(matrix.values.every(Number.isFinite)).toBe(true);
    expect(matrix.stats.recallCeiling).toBeGreaterThan(0);
    expect(matrix.stats.recallCeiling).toBeLessThanOrEqual(1);
  });

  it('does not put what was taken first: a scorer that ties everything learns nothing from the order', async () => {
    const { grades, groups } = await matrixOf(someMonths());
    let at = 0;
    const firstTaken = [...groups].map((rows) => {
      const taken = (grades[at] as number) > 0;
      at += rows;
      return taken;
    });
    expect(firstTaken).toContain(false);
  });

  it('keeps to the number of queries asked for, and to the end given', async () => {
    const behaviours = someMonths();
    expect((await matrixOf(behaviours, { maxQueries: 3 })).stats.queries).toBeLessThanOrEqual(3);
    const untilMs = behaviours[Math.floor(behaviours.length / 2)]?.occurredAtMs as number;
    const known = behaviours.filter(({ occurredAtMs }) => occurredAtMs < untilMs);
    const cut = await matrixOf(behaviours, { untilMs });
    expect(cut.stats.behaviours).toBe(known.length);
    expect(cut).toEqual(await matrixOf(known, { untilMs }));
  });

  it('tells how each was taken: a purchase, a cart or favourite, or no more than a look', async () => {
    const { taken } = await matrixOf(someMonths());
    const kinds = new Set(taken);
    for (const kind of [0, TAKEN.click, TAKEN.click | TAKEN.cart, TAKEN.click | TAKEN.purchase]) {
      expect(kinds).toContain(kind);
    }
    expect([...kinds].every((bits) => bits === 0 || (bits & TAKEN.click) > 0)).toBe(true);
  });

  it('is empty for an empty log', async () => {
    expectConsistent(await matrixOf([]));
  });
});
