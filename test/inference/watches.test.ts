import { describe, expect, it } from 'vitest';
import { ClickWatch, JUDGED_AFTER_MS } from '../../src/inference/clickWatch.js';
import type { Model } from '../../src/inference/model.js';
import { ModelGuard } from '../../src/inference/modelGuard.js';
import { RetiringModel } from '../../src/inference/retiringModel.js';
import { ShadowScoring } from '../../src/inference/shadowScoring.js';

function aModel(version: string, score: Model['score'], onClose = () => {}): Model {
  return { version, featureCount: 1, score, close: async () => onClose() };
}

describe('the guard of a model', () => {
  const scorings = (
    guard: ModelGuard,
    count: number,
    facts: { version: string; ms?: number; failed?: boolean },
  ) =>
    Array.from({ length: count }, () => guard.note({ ms: 1, failed: false, ...facts })).find(
      (reason) => reason !== undefined,
    );

  it('condemns one that fails, by the number of its last scorings', () => {
    const guard = new ModelGuard();
    expect(scorings(guard, 19, { version: 'm', failed: true })).toBeUndefined();
    expect(scorings(guard, 1, { version: 'm', failed: true })).toBe('20 of its last 20 scorings failed');
    const other = new ModelGuard();
    // One in twelve, for ever.
    for (let i = 0; i < 100; i += 1) {
      expect(scorings(other, 11, { version: 'm' })).toBeUndefined();
      expect(scorings(other, 1, { version: 'm', failed: true })).toBeUndefined();
    }
  });

  it('condemns one that is much slower than the one before it, by medians', () => {
    const guard = new ModelGuard();
    expect(scorings(guard, 300, { version: 'a' })).toBeUndefined();
    expect(scorings(guard, 99, { version: 'b', ms: 50 })).toBeUndefined();
    expect(scorings(guard, 300, { version: 'b', ms: 1.5 })).toBeUndefined();
    expect(scorings(guard, 300, { version: 'c', ms: 5 })).toBe(
      'it takes 5.0 ms for a list at the median, the one before it took 1.5',
    );
  });

  it('lets be what is fast enough, and what there is nothing to compare with', () => {
    const guard = new ModelGuard();
    expect(scorings(guard, 300, { version: 'a', ms: 40 })).toBeUndefined();
    expect(scorings(guard, 300, { version: 'b', ms: 0.1 })).toBeUndefined();
    expect(scorings(guard, 300, { version: 'c', ms: 1.9 })).toBeUndefined();
    expect(scorings(guard, 50, { version: 'd', ms: 1 })).toBeUndefined();
    expect(scorings(guard, 300, { version: 'e', ms: 90 })).toBeUndefined();
  });
});

describe('the watch over what people choose', () => {
  /** Lists of a version, of which people choose something from every `each`-th. */
  const serve = (
    watch: ClickWatch,
    version: string,
    { count, each, atMs }: { count: number; each: number; atMs: number },
  ) => {
    for (let i = 0; i < count; i += 1) {
      watch.served(`${version}-${i}`, version, atMs);
      if (i % each === 0) watch.chosen(`${version}-${i}`);
    }
  };

  it('condemns a fall that is no chance, once lists of either model are old enough', () => {
    const watch = new ClickWatch();
    serve(watch, 'a', { count: 2_000, each: 5, atMs: 0 });
    serve(watch, 'b', { count: 2_000, each: 10, atMs: 1_000 });
    expect(watch.judge(JUDGED_AFTER_MS + 999)).toBeUndefined();
    expect(watch.judge(JUDGED_AFTER_MS + 1_000)).toBe(
      'people chose something from 10.0 % of 2000 lists, with the one before it from 20.0 % of 2000',
    );
  });

  it('lets be a rise, a fall that may be chance, a small one, and too few lists', () => {
    const of = (a: { count: number; each: number }, b: { count: number; each: number }) => {
      const watch = new ClickWatch();
      serve(watch, 'a', { ...a, atMs: 0 });
      serve(watch, 'b', { ...b, atMs: 0 });
      watch.chosen('unknown');
      return watch.judge(JUDGED_AFTER_MS);
    };
    expect(of({ count: 2_000, each: 10 }, { count: 2_000, each: 5 })).toBeUndefined();
    expect(of({ count: 1_000, each: 10 }, { count: 1_000, each: 12 })).toBeUndefined();
    expect(of({ count: 90_000, each: 20 }, { count: 9_000, each: 21 })).toBeUndefined();
    expect(of({ count: 2_000, each: 2 }, { count: 999, each: 50 })).toBeUndefined();
    expect(of({ count: 999, each: 2 }, { count: 2_000, each: 50 })).toBeUndefined();
  });
});

describe('a shadow', () => {
  const matrix = Float32Array.from([1, 2, 3, 4]);
  const logOdds = Float32Array.from([0.1, 0.2, 0.3, 0.4], (chance) => Math.log(chance / (1 - chance)));
  const scoring = (
    shadow: Model | undefined,
    facts: { sampleRatio?: number; random?: () => number } = {},
  ) => {
    const waiting: (() => void)[] = [];
    let ms = 0;
    const scored = new ShadowScoring({
      shadow: () => shadow,
      sampleRatio: 1,
      random: () => 0,
      later: (work) => waiting.push(work),
      elapsedMs: () => (ms += 2),
      ...facts,
    });
    const settle = async () => {
      for (const work of waiting.splice(0)) work();
      await new Promise((resolve) => setImmediate(resolve));
    };
    return { scored, settle, waiting };
  };
  const list = { version: 'a', matrix, logOdds };

  it('agrees wholly with itself, and not at all with its opposite', async () => {
    const same = aModel('b', async () => logOdds);
    const { scored, settle, waiting } = scoring(same);
    scored.offer(list);
    // One at a time, and nothing before the answer is out.
    scored.offer(list);
    expect([waiting.length, scored.report()]).toEqual([1, undefined]);
    await settle();
    expect(scored.report()).toMatchObject({ version: 'b', against: 'a', lists: 1, failures: 0, meanMs: 2 });
    expect(scored.report()?.scoreDifference).toBeCloseTo(0, 6);
    expect(scored.report()).toMatchObject({ rankCorrelation: expect.closeTo(1, 9), topOverlapRatio: 1 });

    const reversed = scoring(aModel('c', async () => logOdds.map((value) => -value)));
    reversed.scored.offer(list);
    await reversed.settle();
    expect(reversed.scored.report()?.rankCorrelation).toBeCloseTo(-1, 9);
  });

  it('counts what it cannot score, and begins anew against another model', async () => {
    const { scored, settle } = scoring(aModel('b', async () => Float32Array.from([Number.NaN, 1, 1, 1])));
    scored.offer(list);
    await settle();
    scored.offer(list);
    await settle();
    expect(scored.report()).toMatchObject({ lists: 0, failures: 2, rankCorrelation: 0 });
    scored.offer({ ...list, version: 'z' });
    await settle();
    expect(scored.report()).toMatchObject({ against: 'z', failures: 1 });
  });

  it('scores its sample alone, and nothing where there is none', async () => {
    const draws = [0.04, 0.06, 0.9];
    const { scored, waiting } = scoring(
      aModel('b', async () => logOdds),
      { sampleRatio: 0.05, random: () => draws.pop() ?? 1 },
    );
    scored.offer(list);
    scored.offer(list);
    expect(waiting).toHaveLength(0);
    scored.offer(list);
    expect(waiting).toHaveLength(1);
    const none = scoring(undefined);
    none.scored.offer(list);
    expect([none.waiting.length, none.scored.report()]).toEqual([0, undefined]);
  });
});

describe('a model that retires', () => {
  it('finishes what it has begun, takes nothing more, and closes once', async () => {
    let finish: () => void = () => {};
    let closed = 0;
    const model = new RetiringModel(
      aModel(
        'm',
        (matrix) =>
          new Promise((resolve) => {
            finish = () => resolve(matrix);
          }),
        () => {
          closed += 1;
        },
      ),
    );
    const scores = model.score(Float32Array.from([7]), 1);
    const retired = [model.retire(), model.close()];
    await new Promise((resolve) => setImmediate(resolve));
    expect(closed).toBe(0);
    await expect(model.score(Float32Array.from([7]), 1)).rejects.toThrow('retired');
    finish();
    expect([...(await scores)]).toEqual([7]);
    await Promise.all(retired);
    expect(closed).toBe(1);
  });
});
