import { describe, expect, it } from 'vitest';
import { readMarked, writeMarked } from '../../benchmarks/quality/markedSection.js';
import { qualityTable } from '../../benchmarks/quality/qualityTable.js';
import type { SetResults } from '../../benchmarks/quality/results.js';
import type { EvaluationResult, RecommenderResult } from '../../src/evaluation/evaluationResult.js';

const exactly = (mean: number) => ({ mean, low: mean, high: mean });

function recommender(name: string, recall: number, ndcg: number): RecommenderResult {
  return {
    name,
    settings: {},
    groups: { all: { users: 40, metrics: { 'recall@20': exactly(recall), 'ndcg@20': exactly(ndcg) } } },
    productExposure: { available: 3_000, coverageRatio: 0.25, tailShareRatio: 0.125, giniRatio: 0.75 },
    latency: { p50Ms: 1, p95Ms: 2.25, p99Ms: 3, maxMs: 4 },
    foreignPlaces: 0,
  };
}

function evaluation(recommenders: readonly RecommenderResult[]): EvaluationResult {
  return {
    dataSet: 'Some shop',
    madeAt: '2024-05-01T00:00:00.000Z',
    machine: { cpu: 'Some CPU', cores: 2, memoryBytes: 1, platform: 'linux' },
    versions: { node: 'v20.0.0' },
    seed: 1,
    split: {
      protocol: 'time-split',
      splitAt: '2024-04-01T00:00:00.000Z',
      targetKind: 'any',
      behavioursBefore: 100,
      behavioursAfter: 10,
      products: 3_000,
      shops: 2,
      users: 1_200,
      usersAsked: 40,
      warmUsers: 30,
      coldUsers: 10,
      seenTargets: 5,
      newTargets: 5,
      unreachableTargets: 0,
    },
    recommenders,
    comparisons: [],
  };
}

const measured: SetResults = {
  set: { name: 'some', splitAt: '2024-04-01T00:00:00Z' },
  fitted: evaluation([recommender('popular', 0.01, 0.3), recommender('tagrank', 0.21, 0.2)]),
  shipped: evaluation([recommender('popular', 0.01, 0.3), recommender('tagrank', 0.21, 0.1)]),
};

describe('the table of quality', () => {
  it('has TagRank beside each baseline, the best of each figure in bold, ties too', () => {
    const [header, , row] = qualityTable([measured]).split('\n');
    expect(header).toBe('| data set | people asked | popular | TagRank | TagRank, shipped model |');
    expect(row).toBe(
      '| some | 40 of 1,200 | 0.0100 / **0.3000** | **0.2100** / 0.2000 | **0.2100** / 0.1000 |',
    );
  });

  it('says how attention was spread, how long an answer took, and on what machine', () => {
    const table = qualityTable([measured]);
    expect(table).toContain('| some | 3,000 | 25.0 % | 12.5 % | 0.750 | 1.0 ms | 2.3 ms | 3.0 ms |');
    expect(table).toContain('Measured on Some CPU, 2 cores, node v20.0.0.');
  });

  it('leaves a place empty where the shipped model was not asked', () => {
    const bundled = { set: { ...measured.set, name: 'bundled' }, fitted: measured.fitted };
    expect(qualityTable([bundled, measured])).toContain(
      '| bundled | 40 of 1,200 | 0.0100 / **0.3000** | **0.2100** / 0.2000 | – |',
    );
    expect(qualityTable([bundled])).not.toContain('shipped');
  });

  it('has last choices below, of the sets where they were asked', () => {
    const { split, ...rest } = evaluation([recommender('ALS', 0.4, 0.1), recommender('tagrank', 0.3, 0.2)]);
    const lastOut: EvaluationResult = {
      ...rest,
      split: { ...split, protocol: 'leave-last-out', users: 40 },
      machine: { ...rest.machine, cpu: 'Other CPU' },
    };
    const table = qualityTable([measured, { ...measured, lastOut, set: { ...measured.set, name: 'both' } }]);
    const below = table.slice(table.indexOf('last choice')).split('\n');
    expect(below.slice(2, 6)).toEqual([
      '| data set | people asked | ALS | TagRank |',
      '| --- | ---: | ---: | ---: |',
      '| both | 40 | **0.4000** / 0.1000 | 0.3000 / **0.2000** |',
      '',
    ]);
    expect(table).toContain('| both | 40 of 1,200 | 0.0100 / **0.3000** |');
    expect(table).toContain('Some CPU, 2 cores, node v20.0.0; Other CPU, 2 cores, node v20.0.0.');
    expect(qualityTable([measured])).not.toContain('last choice');
  });

  it('says so when nothing has been measured', () => {
    expect(qualityTable([])).toContain('Nothing has been measured yet');
  });
});

describe('a marked section', () => {
  const text = 'before\n<!-- quality:start -->\nold\n<!-- quality:end -->\nafter\n';

  it('is replaced, and nothing around it', () => {
    const written = writeMarked(text, { name: 'quality', content: 'new' });
    expect(written).toBe('before\n<!-- quality:start -->\n\nnew\n\n<!-- quality:end -->\nafter\n');
    expect(readMarked(written, 'quality')).toBe('new');
    expect(writeMarked(written, { name: 'quality', content: 'new' })).toBe(written);
  });

  it('must be there', () => {
    expect(() => writeMarked('no markers', { name: 'quality', content: 'new' })).toThrow('lacks');
  });
});
