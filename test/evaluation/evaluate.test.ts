import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createBaselines } from '../../src/evaluation/baselines/createBaselines.js';
import { evaluate } from '../../src/evaluation/evaluate.js';
import type { EvaluationResult } from '../../src/evaluation/evaluationResult.js';
import { leaveLastOut } from '../../src/evaluation/leaveLastOut.js';
import type { Recommender } from '../../src/evaluation/recommender.js';
import { reportHtml } from '../../src/evaluation/reportHtml.js';
import { reportPlot } from '../../src/evaluation/reportPlot.js';
import { reportTable } from '../../src/evaluation/reportTable.js';
import { splitBehaviours } from '../../src/evaluation/split.js';
import { writeReport } from '../../src/evaluation/writeReport.js';
import { aProduct } from '../support/builders.js';
import { did } from './behaviours.js';

const split = splitBehaviours({
  behaviours: [
    did('warm', 'browse', 'p1', 10),
    did('other', 'browse', 'p2', 20),
    did('warm', 'purchase', 'p1', 100),
    did('warm', 'browse', 'p2', 110),
    did('cold', 'browse', 'unborn', 120),
  ],
  products: [{ productId: 'p1', shopId: 's1' }, { productId: 'p2', shopId: 's2' }, { productId: 'p3' }],
  splitAtMs: 100,
  targetKind: 'any',
});

const always = (name: string, list: readonly string[]): Recommender => ({
  name,
  recommend: async () => list,
});
const oracle = always('oracle', ['p1', 'p2']);
const blind = always('blind', ['p3', 'unborn']);

const run = (recommenders: readonly Recommender[], options: { subject?: string; maxUsers?: number } = {}) =>
  evaluate({ dataSet: 'tiny', split, recommenders, seed: 5, madeAtMs: 0, ...options });

describe('an evaluation', () => {
  it('averages over people, warm and cold, seen and new apart', async () => {
    const result = await run([oracle, blind], { subject: 'oracle' });
    const [judged, other] = result.recommenders;
    const mean = (group: string, metric: string) => judged?.groups[group]?.metrics[metric]?.mean;
    expect(mean('all', 'recall@20')).toBe(0.5);
    expect(mean('warm', 'recall@20')).toBe(1);
    expect(mean('cold', 'recall@20')).toBe(0);
    expect(mean('seen_targets', 'mrr@20')).toBe(1);
    expect(mean('new_targets', 'mrr@20')).toBe(0.25);
    expect(judged?.groups.history_11_up).toBeUndefined();
    expect(judged?.productExposure.coverageRatio).toBeCloseTo(2 / 3, 12);
    expect(judged?.shopExposure?.coverageRatio).toBe(1);
    expect(other?.groups.all?.metrics['recall@20']?.mean).toBe(0);
    expect(result.comparisons).toHaveLength(1);
    expect(result.comparisons[0]?.groups.warm?.['ndcg@20']).toEqual({ mean: 1, low: 1, high: 1 });
    expect(result.split).toMatchObject({ users: 2, warmUsers: 1, coldUsers: 1, unreachableTargets: 1 });
  });

  it('cuts one list at 5, 10, 20 and 50, and counts exposure on its first 20', async () => {
    const late = always('late', [...Array.from({ length: 30 }, (_, i) => (i === 7 ? 'p2' : 'p3')), 'p1']);
    const [judged] = (await run([late])).recommenders;
    const mean = (metric: string) => judged?.groups.warm?.metrics[metric]?.mean;
    expect([5, 10, 20, 50].map((k) => mean(`recall@${k}`))).toEqual([0, 0.5, 0.5, 1]);
    expect([5, 10, 20, 50].map((k) => mean(`hit_rate@${k}`))).toEqual([0, 1, 1, 1]);
    expect(mean('mrr@50')).toBe(1 / 8);
    // p1 stands in place 31: two of the three products stood on a page.
    expect(judged?.productExposure.coverageRatio).toBeCloseTo(2 / 3, 12);
  });

  it('lets a product that did not exist at the split hit nothing, and says that it was there', async () => {
    const [judged] = (await run([blind])).recommenders;
    expect(judged?.groups.cold?.metrics['hit_rate@20']?.mean).toBe(0);
    expect(judged?.foreignPlaces).toBe(2);
  });

  it('asks each user once, for fifty, at the moment of the split, and tells how far it is', async () => {
    const asked: string[] = [];
    const told: string[] = [];
    const curious: Recommender = {
      name: 'curious',
      recommend: async ({ userId, k, nowMs }) => {
        asked.push(`${userId} ${k} ${nowMs}`);
        return [];
      },
    };
    await evaluate({
      dataSet: 'tiny',
      split,
      recommenders: [curious],
      seed: 5,
      madeAtMs: 0,
      onProgress: (progress) => told.push(`${progress.asked}/${progress.total}`),
    });
    expect(asked.toSorted()).toEqual(['cold 50 100', 'warm 50 100']);
    expect(told).toEqual(['1/2', '2/2']);
  });

  it('asks a sample when told so', async () => {
    const { split: facts } = await run([oracle], { maxUsers: 1 });
    expect(facts).toMatchObject({ users: 2, usersAsked: 1 });
  });

  it('repeats for the same seed, times aside', async () => {
    const timeless = ({ recommenders }: EvaluationResult) =>
      recommenders.map(({ latency: _, ...rest }) => rest);
    expect(timeless(await run([oracle, blind]))).toEqual(timeless(await run([oracle, blind])));
  });

  it('refuses two of one name, and a subject that is none of them', async () => {
    await expect(run([oracle, oracle])).rejects.toThrow('name of its own');
    await expect(run([oracle], { subject: 'tagrank' })).rejects.toThrow('subject');
  });
});

describe('an evaluation along a log', () => {
  const products = ['p1', 'p2', 'p3'].map((productId) => aProduct({ productId }));
  const behaviours = [
    did('a', 'browse', 'p1', 10),
    did('b', 'browse', 'p2', 20),
    did('b', 'browse', 'p3', 105),
    did('past', 'browse', 'p1', 10),
    did('past', 'browse', 'p2', 20),
    did('a', 'browse', 'p3', 120),
    did('b', 'refund', 'p3', 130),
  ];
  const held = leaveLastOut({ behaviours, products, splitAtMs: 100, targetKind: 'any' });
  const along = { later: held.later, shops: [], products, leftOut: held.leftOut };
  const runAlong = (recommenders: readonly Recommender[], maxUsers?: number) =>
    evaluate({
      ...{ dataSet: 'tiny', split: held.split, along, recommenders, subject: recommenders[0]?.name },
      ...{ maxUsers, seed: 5, madeAtMs: 0 },
    });
  /** What was done last, by anybody. */
  const gossip = (): Recommender => {
    let last = 'p2';
    return {
      name: 'gossip',
      learn: async (news) => {
        last = news.behaviours.at(-1)?.productId ?? last;
      },
      recommend: async () => [last],
    };
  };
  const deaf = always('deaf', ['p2']);
  const still: Recommender = { ...deaf, name: 'still', learn: async () => {} };

  it('asks each at their own moment, and lets what one did help the next', async () => {
    const result = await runAlong([gossip(), still]);
    // b takes p3 when nobody has yet; a is asked after that, and takes it, too.
    expect(result.recommenders[0]?.groups.all?.metrics['hit_rate@5']?.mean).toBe(0.5);
    expect(result.recommenders[1]?.groups.all?.metrics['hit_rate@5']?.mean).toBe(0);
    expect(result.comparisons[0]?.groups.all?.['ndcg@20']?.mean).toBe(0.5);
    expect(result.split).toMatchObject({ protocol: 'leave-last-out', users: 2, warmUsers: 2, coldUsers: 0 });
    expect(result.split.asking).toEqual({
      firstAt: new Date(105).toISOString(),
      lastAt: new Date(120).toISOString(),
      behavioursPlayed: 1,
      rounds: 2,
      leftOut: { beforeSplit: 1, firstChoice: 0 },
    });
    expect(reportTable(result)).toContain('tiny, last choices from 1970-01-01T00:00:00.100Z');
    expect(await reportPlot(result)).toContain('the last choice of each person after');
  });

  it('asks a sample in order of time, whatever order it was drawn in', async () => {
    for (const seed of [1, 2, 3, 4]) {
      const asked: number[] = [];
      const noting: Recommender = {
        ...still,
        recommend: async ({ nowMs }) => {
          asked.push(nowMs);
          return [];
        },
      };
      await evaluate({
        ...{ dataSet: 'tiny', split: held.split, along, recommenders: [noting], seed, madeAtMs: 0 },
      });
      expect(asked).toEqual([105, 120]);
    }
    expect((await runAlong([still], 1)).split).toMatchObject({ users: 2, usersAsked: 1 });
  });

  it('refuses one that cannot learn on the way', async () => {
    await expect(runAlong([still, deaf])).rejects.toThrow('deaf');
  });
});

describe('a report', () => {
  it('is written as table, JSON, SVG and a page that name every recommender', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tagrank-report-'));
    try {
      const { recommenders } = await createBaselines({ split, seed: 5 });
      const result = await run([oracle, ...recommenders], { subject: 'oracle' });
      const files = await writeReport({ result, folder: join(folder, 'made'), name: 'tiny' });
      const [table, json, plot, page] = await Promise.all(
        [files.tableFile, files.jsonFile, files.plotFile, files.pageFile].map((file) =>
          readFile(file, 'utf8'),
        ),
      );
      expect(JSON.parse(json ?? '')).toEqual(JSON.parse(JSON.stringify(result)));
      for (const name of [
        'oracle',
        'popular',
        'recently popular',
        'personal frequency',
        'item co-occurrence',
      ]) {
        expect(table).toContain(name);
        expect(plot).toContain(name);
        expect(page).toContain(`<td>${name}</td>`);
      }
      expect(table).toMatch(/^oracle +0\.5000/m);
      expect(table).toContain('oracle minus');
      expect(plot?.startsWith('<svg')).toBe(true);
      expect(plot).toContain('Recall@20');
      // One page that needs nothing else, with the plot in it.
      expect(page).toContain(plot?.trim());
      expect(page).toMatch(/<tr class="judged"><td>oracle<\/td><td>0\.5000</);
      expect(page).not.toMatch(/<link|<script|src=/);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('takes names for text on its page', async () => {
    const result = await run([always('<b>bold</b> & "quoted"', [])]);
    const page = reportHtml({ ...result, dataSet: '<script>' }, '<svg/>');
    expect(page).toContain('<td>&lt;b&gt;bold&lt;/b&gt; &amp; &quot;quoted&quot;</td>');
    expect(page).toContain('<title>&lt;script&gt;, split at');
    expect(page).not.toContain('<script');
  });

  it('stands when nobody had a target', async () => {
    const empty = splitBehaviours({ behaviours: [], products: [], splitAtMs: 1, targetKind: 'any' });
    const result = await evaluate({
      dataSet: 'empty',
      split: empty,
      recommenders: [oracle, blind],
      subject: 'oracle',
      seed: 1,
      madeAtMs: 0,
    });
    expect(reportTable(result)).toContain('0 users with later targets');
    expect(await reportPlot(result)).toContain('<svg');
  });
});
