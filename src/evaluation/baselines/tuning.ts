import { DAY_MS, HOUR_MS } from '../../core/time.js';
import type { Recommender } from '../recommender.js';
import { type CooccurrenceSettings, itemCooccurrence } from './itemCooccurrence.js';
import { neighboursByRound } from './neighbours.js';
import type { Past } from './past.js';
import { personalFrequency } from './personalFrequency.js';
import { popularProducts, type Ranking, recentlyPopular } from './popular.js';
import { type SessionKnnSettings, sessionKnn } from './sessionKnn.js';
import type { Validation } from './validation.js';
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

/** Chooses every setting by NDCG@20 on a validation inside the past. */
export async function tuneBaselines(validation: Validation | undefined): Promise<BaselineSettings> {
  if (validation === undefined) return UNTUNED;
  const recent = await best(validation, HALF_LIVES_MS, (past) => (halfLifeMs) => {
    return recentlyPopular({ past, halfLifeMs });
  });
  const fillerOf = (past: Past) => popularProducts({ past, halfLifeMs: recent });
  const frequency = await best(validation, HALF_LIVES_MS, (past) => {
    const filler = fillerOf(past);
    return (halfLifeMs) => personalFrequency({ past, halfLifeMs, filler });
  });
  return {
    recentlyPopular: { halfLifeMs: recent },
    personalFrequency: { halfLifeMs: frequency },
    itemCooccurrence: await tuneCooccurrence(validation, fillerOf),
    sessionKnn: await tuneSessionKnn(validation, fillerOf),
  };
}

/** The half-life first, then what depends on the neighbours, then the half-life again. */
async function tuneCooccurrence(
  validation: Validation,
  fillerOf: (past: Past) => Ranking,
): Promise<BaselineSettings['itemCooccurrence']> {
  type Choice = BaselineSettings['itemCooccurrence'];
  const contest = (choices: readonly Choice[]) =>
    best(validation, choices, (past) => {
      const filler = fillerOf(past);
      const neighbours = oncePer((shrinkage: number) =>
        neighboursByRound({ past, kept: Math.max(...NEAREST), shrinkage }),
      );
      return ({ shrinkage, ...settings }) =>
        itemCooccurrence({ past, filler, neighbours: neighbours(shrinkage), settings });
    });
  const halfLives = (of: Choice): Choice[] => HALF_LIVES_MS.map((halfLifeMs) => ({ ...of, halfLifeMs }));
  const neighbourhoods = (of: Choice): Choice[] =>
    SHRINKAGES.flatMap((shrinkage) =>
      NEAREST.flatMap((nearest) =>
        [true, false].map((ownProducts) => ({ ...of, shrinkage, nearest, ownProducts })),
      ),
    );
  let choice = await contest(halfLives(UNTUNED.itemCooccurrence));
  choice = await contest(neighbourhoods(choice));
  return contest(halfLives(choice));
}

/** What is remembered first, then how many visits are asked, then where a visit ends. */
async function tuneSessionKnn(
  validation: Validation,
  fillerOf: (past: Past) => Ranking,
): Promise<BaselineSettings['sessionKnn']> {
  type Choice = BaselineSettings['sessionKnn'];
  const contest = (choices: readonly Choice[]) =>
    best(validation, choices, (past) => {
      const filler = fillerOf(past);
      const visits = oncePer((gapMs: number) => visitsOf({ past, gapMs }));
      return ({ gapMs, ...settings }) => sessionKnn({ past, filler, visits: visits(gapMs), settings });
    });
  let choice = await contest(
    REMEMBERED.flatMap((remembered) =>
      [true, false].map((ownProducts): Choice => ({ ...UNTUNED.sessionKnn, remembered, ownProducts })),
    ),
  );
  choice = await contest(
    COMPARED.flatMap((compared) =>
      NEAREST_VISITS.map((nearest): Choice => ({ ...choice, compared, nearest })),
    ),
  );
  return contest(GAPS_MS.map((gapMs): Choice => ({ ...choice, gapMs })));
}

/** The choice with the highest score; of equal ones the first. All are made from one past. */
async function best<T>(
  validation: Validation,
  choices: readonly T[],
  makerOf: (past: Past) => (choice: T) => Recommender,
): Promise<T> {
  const scores = await validation.scores(choices.map(makerOf(validation.past())));
  return choices[scores.indexOf(Math.max(...scores))] as T;
}

/** `make`, which makes one of each kind alone. */
function oncePer<K, V>(make: (key: K) => V): (key: K) => V {
  const made = new Map<K, V>();
  return (key) => {
    const known = made.get(key);
    if (known !== undefined) return known;
    const value = make(key);
    made.set(key, value);
    return value;
  };
}
