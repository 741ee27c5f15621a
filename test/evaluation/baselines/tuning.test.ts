import { describe, expect, it } from 'vitest';
import { DAY_MS, HOUR_MS } from '../../../src/core/time.js';
import { createBaselines } from '../../../src/evaluation/baselines/createBaselines.js';
import { tuneBaselines, UNTUNED } from '../../../src/evaluation/baselines/tuning.js';
import { validationOf } from '../../../src/evaluation/baselines/validation.js';
import { leaveLastOut } from '../../../src/evaluation/leaveLastOut.js';
import { type EvaluationSplit, splitBehaviours } from '../../../src/evaluation/split.js';
import { did } from '../behaviours.js';

const splitAtMs = 20 * DAY_MS;
/** Ten people who always come back to their own product, a day at a time. */
const loyal = Array.from({ length: 30 }, (_, day) =>
  Array.from({ length: 10 }, (__, person) => did(`u${person}`, 'purchase', `own${person}`, day * DAY_MS)),
).flat();

const tune = (options: Parameters<typeof validationOf>[0]) => tuneBaselines(validationOf(options));

describe('tuning', () => {
  it('reads nothing at or after the split', async () => {
    const noise = Array.from({ length: 300 }, (_, index) =>
      did(`u${index % 10}`, 'purchase', `p${index % 7}`, splitAtMs + index),
    );
    const past = loyal.filter(({ occurredAtMs }) => occurredAtMs < splitAtMs);
    const chosen = (later: typeof loyal) =>
      tune({
        split: splitBehaviours({
          behaviours: [...past, ...later],
          products: [],
          splitAtMs,
          targetKind: 'any',
        }),
        maxUsers: 100,
        seed: 1,
      });
    expect(await chosen(noise)).toEqual(await chosen(loyal.filter((each) => !past.includes(each))));
  });

  it('plays the protocol of the questions inside the past, and reads nothing after it', async () => {
    const past = loyal.filter(({ occurredAtMs }) => occurredAtMs < splitAtMs);
    const chosen = (later: typeof loyal) => {
      const options = {
        behaviours: [...past, ...later],
        products: [],
        splitAtMs,
        targetKind: 'any' as const,
      };
      return tune({ split: leaveLastOut(options).split, maxUsers: 100, seed: 1 });
    };
    const noise = Array.from({ length: 300 }, (_, index) =>
      did(`u${index % 10}`, 'purchase', `p${index % 7}`, splitAtMs + index),
    );
    expect(await chosen(noise)).toEqual(await chosen(loyal.filter((each) => !past.includes(each))));

    // Three products a day for ever, a whim of one evening, and in the end another one, twice at once: days
    // ahead only the three matter, for the last choice only what came before it.
    const daily = Array.from({ length: 20 }, (_, on) =>
      [0, 1, 2].map((at) => ['daily', at, on * 24 + at] as const),
    );
    const whim = Array.from({ length: 10 }, (_, at) => ['whim', at, 15 * 24 + 12 + at] as const);
    const end = [20, 21].map((hour) => ['end', 0, 19 * 24 + hour] as const);
    const whimsical = [...daily.flat(), ...whim, ...end].flatMap(([name, at, hour]) =>
      [0, 1, 2].map((person) => did(`w${person}`, 'purchase', `${name}${at}-${person}`, hour * HOUR_MS)),
    );
    const options = { behaviours: whimsical, products: [], splitAtMs, targetKind: 'any' as const };
    const tuned = async (split: EvaluationSplit) =>
      (await tune({ split, maxUsers: 100, seed: 1 })).personalFrequency.halfLifeMs;
    expect(await tuned(leaveLastOut(options).split)).toBe(HOUR_MS);
    expect(await tuned(splitBehaviours(options))).toBe(DAY_MS);
  });

  it('keeps own products where people come back to them, and leaves them out where nobody does', async () => {
    // Everybody walks the same round of products, one a day, and never turns back.
    const walkers = Array.from({ length: 20 }, (_, day) =>
      Array.from({ length: 12 }, (__, person) =>
        did(`w${person}`, 'purchase', `step${day + person}`, day * DAY_MS),
      ),
    ).flat();
    const chosen = async (behaviours: typeof loyal) => {
      const split = splitBehaviours({ behaviours, products: [], splitAtMs, targetKind: 'any' });
      return (await tune({ split, maxUsers: 100, seed: 1 })).itemCooccurrence.ownProducts;
    };
    expect(await chosen(loyal)).toBe(true);
    expect(await chosen(walkers)).toBe(false);
  });

  it('falls back to stated settings when the past is too thin', async () => {
    const split = splitBehaviours({ behaviours: [], products: [], splitAtMs, targetKind: 'any' });
    expect(await tune({ split, maxUsers: 100, seed: 1 })).toEqual(UNTUNED);
    for (const baseline of (await createBaselines({ split, seed: 1 })).recommenders) {
      expect(await baseline.recommend({ userId: 'u', k: 20, nowMs: splitAtMs })).toEqual([]);
    }
  });
});
