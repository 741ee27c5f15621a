import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { DAY_MS } from '../../../src/core/time.js';
import { createBaselines } from '../../../src/evaluation/baselines/createBaselines.js';
import { type FactorisationSettings, Factoriser } from '../../../src/evaluation/baselines/factoriser.js';
import { matrixFactorisation } from '../../../src/evaluation/baselines/matrixFactorisation.js';
import { pastOf } from '../../../src/evaluation/baselines/past.js';
import type { Ranking } from '../../../src/evaluation/baselines/popular.js';
import {
  tuneFactorisation,
  UNTUNED_FACTORISATION,
} from '../../../src/evaluation/baselines/tuneFactorisation.js';
import { validationOf } from '../../../src/evaluation/baselines/validation.js';
import type { News } from '../../../src/evaluation/recommender.js';
import { splitBehaviours } from '../../../src/evaluation/split.js';
import { did } from '../behaviours.js';

/** With the libraries of `models/baselines/requirements.txt`; without it ALS and BPR are not tested. */
const PYTHON = process.env.TAGRANK_PYTHON;
const program = {
  python: PYTHON ?? 'python3',
  scriptFolder: fileURLToPath(new URL('../../../models/baselines', import.meta.url)),
};

const TASTES = ['tea', 'tools'];
/** Forty people of two tastes, each with seven of the ten products of their own. */
const tasteful = Array.from({ length: 40 }, (_, person) =>
  Array.from({ length: 7 }, (__, at) => {
    const taste = TASTES[person % 2] as string;
    return did(`u${person}`, 'purchase', `${taste}${(person + at * 3) % 10}`, at * DAY_MS + person);
  }),
)
  .flat()
  .sort((a, b) => a.occurredAtMs - b.occurredAtMs);
const ofTaste = (list: readonly string[], taste: string) => list.filter((id) => id.startsWith(taste));

const settings = {
  // As many as there are tastes: more could hold what single people have not taken yet.
  als: { ...UNTUNED_FACTORISATION.als, factors: 2 },
  bpr: { ...UNTUNED_FACTORISATION.bpr, factors: 8 },
};
const news = (behaviours: News['behaviours'], round: number): News => ({
  nowMs: (behaviours.at(-1)?.occurredAtMs ?? 0) + 1,
  ...{ round, shops: [], products: [], behaviours },
});

describe.skipIf(PYTHON === undefined)('matrix factorisation (set TAGRANK_PYTHON)', () => {
  const started: Factoriser[] = [];
  afterEach(async () => {
    for (const factoriser of started.splice(0)) await factoriser.close();
  });

  async function make(of: FactorisationSettings, filler?: Ranking) {
    const past = pastOf(tasteful);
    const factoriser = await Factoriser.start(program, past);
    started.push(factoriser);
    return matrixFactorisation({ past, factoriser, settings: of, seed: 1, filler: filler ?? (() => []) });
  }
  const listFor = (of: Awaited<ReturnType<typeof make>>, userId: string, k = 10) =>
    of.recommend({ userId, k, nowMs: 0 });

  for (const method of ['als', 'bpr'] as const) {
    describe(method, () => {
      it('tells tastes apart', async () => {
        const recommender = await make(settings[method]);
        for (const [person, taste] of TASTES.entries()) {
          const list = await listFor(recommender, `u${person}`);
          expect(new Set(list).size).toBe(10);
          expect(ofTaste(list, taste)).toHaveLength(10);
        }
      });

      it('leaves own products out when told so, also when it fills up', async () => {
        const recommender = await make({ ...settings[method], ownProducts: false }, () =>
          Array.from({ length: 20 }, (_, product) => product),
        );
        const own = tasteful.filter(({ userId }) => userId === 'u0').map(({ productId }) => productId);
        const list = await listFor(recommender, 'u0', 20);
        expect(list).toHaveLength(13);
        expect(list.filter((id) => own.includes(id))).toEqual([]);
        expect(ofTaste(list.slice(0, 3), 'tea')).toHaveLength(3);
      });

      it('answers with the filler whom nothing is known of', async () => {
        expect(await listFor(await make(settings[method], () => [3, 1]), 'nobody')).toHaveLength(2);
      });

      it('folds in at once what somebody did since, whoever was asked before', async () => {
        const recommender = await make(settings[method]);
        await recommender.learn?.(news([], 0));
        const late = [did('late', 'browse', 'tools1', 20 * DAY_MS)];
        const turned = Array.from({ length: 40 }, (_, at) =>
          did('u0', 'purchase', `tools${at % 10}`, 23 * DAY_MS + at),
        );
        await recommender.learn?.(news([...late, ...turned], 0));
        const list = await listFor(recommender, 'late');
        expect(ofTaste(list, 'tools')).toHaveLength(10);
        // Once of the other taste alone, now of both.
        expect(ofTaste(await listFor(recommender, 'u0'), 'tools').length).toBeGreaterThan(2);
        expect(ofTaste(await listFor(recommender, 'u2'), 'tools')).toEqual([]);
        expect(await listFor(recommender, 'late')).toEqual(list);
      });

      it('knows new products from the next round on', async () => {
        const recommender = await make(settings[method]);
        await recommender.learn?.(news([], 0));
        const launch = (at: number) =>
          Array.from({ length: 20 }, (_, person) =>
            did(`u${person * 2}`, 'purchase', 'tea-new', (30 + at) * DAY_MS + person),
          );
        await recommender.learn?.(news(launch(0), 0));
        expect(await listFor(recommender, 'u0', 20)).not.toContain('tea-new');
        for (let round = 1; round < 10; round++) await recommender.learn?.(news(launch(round), round));
        expect((await listFor(recommender, 'u0', 20)).slice(0, 11)).toContain('tea-new');
        expect((await listFor(recommender, 'u1', 20)).slice(0, 10)).not.toContain('tea-new');
      });

      it('repeats for the same seed', async () => {
        const lists = async () => {
          const recommender = await make(settings[method]);
          await recommender.learn?.(news([did('late', 'browse', 'tea1', 20 * DAY_MS)], 1));
          return [await listFor(recommender, 'u3', 20), await listFor(recommender, 'late', 20)];
        };
        expect(await lists()).toEqual(await lists());
      });
    });
  }

  it('is tuned on the validation, and taught all of the past', async () => {
    const split = splitBehaviours({
      ...{ behaviours: tasteful, products: [], splitAtMs: 7 * DAY_MS, targetKind: 'any' },
    });
    const validation = validationOf({ split, maxUsers: 10, seed: 1 });
    const tuned = await tuneFactorisation({ validation, program, fillerHalfLifeMs: DAY_MS, seed: 1 });
    // Everybody takes something else each day: no list has room for what they have.
    expect(tuned.als.ownProducts).toBe(false);
    expect(tuned.bpr.ownProducts).toBe(false);
    const baselines = await createBaselines({ split, seed: 1, factorisation: program });
    try {
      expect(baselines.recommenders.map(({ name }) => name).slice(-2)).toEqual(['ALS', 'BPR']);
      for (const { recommend } of baselines.recommenders.slice(-2)) {
        const left = (await recommend({ userId: 'u1', k: 3, nowMs: split.splitAtMs })).toSorted();
        const own = tasteful.filter(({ userId }) => userId === 'u1').map(({ productId }) => productId);
        expect(left).toHaveLength(3);
        expect(ofTaste(left, 'tools').filter((id) => !own.includes(id))).toEqual(left);
      }
    } finally {
      await baselines.close();
    }
  }, 120_000);
});
