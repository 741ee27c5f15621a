import { DAY_MS, HOUR_MS } from '../../core/time.js';
import { meanNdcg } from '../meanNdcg.js';
import type { Recommender } from '../recommender.js';
import { sample } from '../sample.js';
import { type EvaluationSplit, splitBehaviours } from '../split.js';
import { type CooccurrenceSettings, itemCooccurrence } from './itemCooccurrence.js';
import { cosineNeighbours } from './neighbours.js';
import { type Past, pastOf } from './past.js';
import { personalFrequency } from './personalFrequency.js';
import { popularProducts, recentlyPopular } from './popular.js';
import { type SessionKnnSettings, sessionKnn } from './sessionKnn.js';
import { visitsOf } from './visits.js';

/** What was chosen for the baselines, from the past alone. */
export interface BaselineSettings {
  readonly recentlyPopular: { readonly halfLifeMs: number };
  readonly personalFrequency: { readonly halfLifeMs: number };
  readonly itemCooccurrence: CooccurrenceSettings & { readonly shrinkage: number };
  readonly sessionKnn: SessionKnnSettings & { readonly gapMs: number };
}

/** Where tuning starts, and what is used when the past is too thin to choose. */
export const UNTUNED: BaselineSettings = {
  recentlyPopular: { halfLifeMs: 30 * DAY_MS },
  personalFrequency: { halfLifeMs: 30 * DAY_MS },
  itemCooccurrence: { halfLifeMs: 30 * DAY_MS, nearest: 100, ownProducts: true, shrinkage: 10 },
  sessionKnn: { gapMs: HOUR_MS / 2, remembered: 10, compared: 500, nearest: 100, ownProducts: true },
};

/** Half-lives tried: from a visit to a year. */
const HALF_LIVES_MS = [1, 6, 24, 3 * 24, 7 * 24, 14 * 24, 30 * 24, 90 * 24, 365 * 24].map(
  (hours) => hours * HOUR_MS,
);
const NEAREST = [10, 30, 100];
const SHRINKAGES = [0, 10, 100];
/** A pause that ends a visit, from that of web analytics to a day. */
const GAPS_MS = [HOUR_MS / 2, DAY_MS];
const REMEMBERED = [1, 3, 10, 20];
const COMPARED = [500, 5_000];
const NEAREST_VISITS = [100, 500];
/** The share of the past that is learned from while tuning; the rest plays the future. */
const LEARNED_SHARE = 0.8;

/**
 * Chooses every setting by NDCG@20 on a split inside the past: the first 80 % of the behaviours
 * before the real split against the people of the last 20 %, or a sample of them. Nothing at or
 * after the real split is read.
 */
export async function tuneBaselines(options: {
  split: EvaluationSplit;
  maxUsers: number;
  seed: number;
}): Promise<BaselineSettings> {
  const inner = validationSplit(options.split);
  const users = sample(inner?.users ?? [], options.maxUsers, options.seed);
  if (inner === undefined || users.length === 0) return UNTUNED;
  const past = pastOf(inner.before);
  const nowMs = inner.splitAtMs;
  const score = (recommender: Recommender) => meanNdcg({ recommender, users, nowMs });

  const recent = await best(HALF_LIVES_MS, (halfLifeMs) =>
    score(recentlyPopular({ past, nowMs, halfLifeMs })),
  );
  const filler = popularProducts({ past, nowMs, halfLifeMs: recent });
  const frequency = await best(HALF_LIVES_MS, (halfLifeMs) =>
    score(personalFrequency({ past, halfLifeMs, filler })),
  );
  return {
    recentlyPopular: { halfLifeMs: recent },
    personalFrequency: { halfLifeMs: frequency },
    itemCooccurrence: await tuneCooccurrence({ past, filler, score }),
    sessionKnn: await tuneSessionKnn({ past, filler, score }),
  };
}

function validationSplit(split: EvaluationSplit): EvaluationSplit | undefined {
  const cut = split.before[Math.floor(LEARNED_SHARE * split.before.length)];
  if (cut === undefined) return undefined;
  return splitBehaviours({
    behaviours: split.before,
    products: [],
    splitAtMs: cut.occurredAtMs,
    targetKind: split.targetKind,
  });
}

/** The half-life first, then what depends on the neighbours, then the half-life again. */
async function tuneCooccurrence(options: {
  past: Past;
  filler: readonly number[];
  score: (recommender: Recommender) => Promise<number>;
}): Promise<BaselineSettings['itemCooccurrence']> {
  const { past, filler, score } = options;
  const byShrinkage = new Map(
    SHRINKAGES.map((shrinkage) => [
      shrinkage,
      cosineNeighbours({ past, kept: Math.max(...NEAREST), shrinkage }),
    ]),
  );
  type Choice = BaselineSettings['itemCooccurrence'];
  const scoreOf = ({ shrinkage, ...settings }: Choice) => {
    const neighbours = byShrinkage.get(shrinkage);
    if (neighbours === undefined) throw new RangeError(`no neighbours with shrinkage ${shrinkage}`);
    return score(itemCooccurrence({ past, filler, neighbours, settings }));
  };
  const halfLives = (of: Choice): Choice[] => HALF_LIVES_MS.map((halfLifeMs) => ({ ...of, halfLifeMs }));
  const neighbourhoods = (of: Choice): Choice[] =>
    SHRINKAGES.flatMap((shrinkage) =>
      NEAREST.flatMap((nearest) =>
        [true, false].map((ownProducts) => ({ ...of, shrinkage, nearest, ownProducts })),
      ),
    );
  let choice = await best(halfLives(UNTUNED.itemCooccurrence), scoreOf);
  choice = await best(neighbourhoods(choice), scoreOf);
  return best(halfLives(choice), scoreOf);
}

/** What is remembered first, then how many visits are asked, then where a visit ends. */
async function tuneSessionKnn(options: {
  past: Past;
  filler: readonly number[];
  score: (recommender: Recommender) => Promise<number>;
}): Promise<BaselineSettings['sessionKnn']> {
  const { past, filler, score } = options;
  const kept = Math.max(...COMPARED);
  const byGap = new Map(GAPS_MS.map((gapMs) => [gapMs, visitsOf({ past, gapMs, kept })]));
  type Choice = BaselineSettings['sessionKnn'];
  const scoreOf = ({ gapMs, ...settings }: Choice) => {
    const visits = byGap.get(gapMs);
    if (visits === undefined) throw new RangeError(`no visits with a gap of ${gapMs}`);
    return score(sessionKnn({ past, filler, visits, settings }));
  };
  let choice = await best(
    REMEMBERED.flatMap((remembered) =>
      [true, false].map((ownProducts): Choice => ({ ...UNTUNED.sessionKnn, remembered, ownProducts })),
    ),
    scoreOf,
  );
  choice = await best(
    COMPARED.flatMap((compared) =>
      NEAREST_VISITS.map((nearest): Choice => ({ ...choice, compared, nearest })),
    ),
    scoreOf,
  );
  return best(
    GAPS_MS.map((gapMs): Choice => ({ ...choice, gapMs })),
    scoreOf,
  );
}

/** The choice with the highest score; of equal ones the first. */
async function best<T>(choices: readonly T[], score: (choice: T) => Promise<number>): Promise<T> {
  let winner = choices[0] as T;
  let highest = -Infinity;
  for (const choice of choices) {
    const reached = await score(choice);
    if (reached > highest) [winner, highest] = [choice, reached];
  }
  return winner;
}
