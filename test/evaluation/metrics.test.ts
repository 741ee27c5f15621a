import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LIST_METRICS } from '../../src/evaluation/listMetrics.js';
import {
  cappedRecallAtK,
  hitRanks,
  hitRateAtK,
  ndcgAtK,
  recallAtK,
  reciprocalRankAtK,
} from '../../src/evaluation/metrics.js';

const list = ['a', 'b', 'c', 'd', 'e'];

describe('list metrics', () => {
  it('are those worked out by hand for hits at ranks 2 and 4 of three targets', () => {
    const targets = new Set(['b', 'd', 'z']);
    expect(hitRanks(list, targets, 5)).toEqual([2, 4]);
    expect(recallAtK(list, targets, 5)).toBeCloseTo(2 / 3, 12);
    expect(recallAtK(list, targets, 3)).toBeCloseTo(1 / 3, 12);
    // DCG 1/log2(3) + 1/log2(5) = 0.63093 + 0.43068; ideal 1 + 0.63093 + 0.5.
    expect(ndcgAtK(list, targets, 5)).toBeCloseTo(1.06161 / 2.13093, 4);
    expect(hitRateAtK(list, targets, 1)).toBe(0);
    expect(hitRateAtK(list, targets, 2)).toBe(1);
    expect(reciprocalRankAtK(list, targets, 5)).toBe(0.5);
    expect(reciprocalRankAtK(list, targets, 1)).toBe(0);
  });

  it('keep plain recall below 1 with more targets than places, and let the capped one reach it', () => {
    const targets = new Set(['a', 'b', 'c', 'd']);
    expect(recallAtK(list, targets, 2)).toBe(0.5);
    expect(cappedRecallAtK(list, targets, 2)).toBe(1);
    expect(ndcgAtK(list, targets, 2)).toBe(1);
  });

  it('count a product that stands twice once', () => {
    expect(recallAtK(['a', 'a'], new Set(['a', 'b']), 2)).toBe(0.5);
    expect(ndcgAtK(['a', 'a'], new Set(['a']), 2)).toBe(1);
  });

  const products = fc.uniqueArray(fc.integer({ min: 0, max: 60 }).map(String), { maxLength: 40 });

  it('stay within 0 and 1 for any list and targets', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 60 }).map(String)), products, (any, targets) => {
        for (const metric of LIST_METRICS) {
          const value = metric.value(any, new Set(targets));
          expect(value, metric.name).toBeGreaterThanOrEqual(0);
          expect(value, metric.name).toBeLessThanOrEqual(1 + 1e-12);
        }
      }),
    );
  });

  it('are 1 for a list that holds nothing but every target, up to five of them', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string(), { minLength: 1, maxLength: 5 }), (targets) => {
        for (const metric of LIST_METRICS) {
          expect(metric.value(targets, new Set(targets)), metric.name).toBeCloseTo(1, 12);
        }
      }),
    );
  });

  it('never fall when a hit moves one place up', () => {
    fc.assert(
      fc.property(products, fc.nat(), (ranked, at) => {
        fc.pre(ranked.length >= 2);
        const lower = 1 + (at % (ranked.length - 1));
        const targets = new Set([ranked[lower] as string]);
        const better = [...ranked];
        [better[lower - 1], better[lower]] = [better[lower] as string, better[lower - 1] as string];
        for (const metric of LIST_METRICS) {
          expect(metric.value(better, targets), metric.name).toBeGreaterThanOrEqual(
            metric.value(ranked, targets),
          );
        }
      }),
    );
  });
});
