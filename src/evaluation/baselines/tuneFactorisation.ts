import type { Recommender } from '../recommender.js';
import { type FactorisationSettings, Factoriser, type FactoriserProgram } from './factoriser.js';
import { matrixFactorisation } from './matrixFactorisation.js';
import { popularProducts } from './popular.js';
import type { Validation } from './validation.js';

/** Where tuning starts, and what is used when the past is too thin to choose. */
export const UNTUNED_FACTORISATION: Readonly<Record<'als' | 'bpr', FactorisationSettings>> = {
  als: { method: 'als', factors: 64, regularisation: 0.1, iterations: 15, ownProducts: true, alpha: 10 },
  bpr: {
    ...{ method: 'bpr', factors: 64, regularisation: 0.01, iterations: 100, ownProducts: true },
    learningRate: 0.05,
  },
};

const ALS_FACTORS = [32, 64, 128, 256];
const BPR_FACTORS = [32, 64, 128];
const ALPHAS = [1, 10, 100, 1_000];
const ALS_REGULARISATIONS = [0.1, 1, 10, 100];
const BPR_REGULARISATIONS = [0.001, 0.01, 0.1];
const LEARNING_RATES = [0.01, 0.05, 0.1];
const BPR_ITERATIONS = [30, 100, 300];

/**
 * Chooses the settings of ALS and BPR by NDCG@20 on the same validation as all baselines: first how strongly
 * is learned and whether own products come again, then how many factors and how much they are held
 * back, then (BPR) how long.
 */
export async function tuneFactorisation(options: {
  validation: Validation | undefined;
  program: FactoriserProgram;
  /** Of the products that fill up lists. */
  fillerHalfLifeMs: number;
  seed: number;
}): Promise<Record<'als' | 'bpr', FactorisationSettings>> {
  const { validation } = options;
  if (validation === undefined) return UNTUNED_FACTORISATION;
  const best = (choices: readonly FactorisationSettings[]) => bestOf(choices, { ...options, validation });
  const own = [true, false];

  const { als: alsStart, bpr: bprStart } = UNTUNED_FACTORISATION;
  let als = await best(
    ALPHAS.flatMap((alpha) => own.map((ownProducts) => ({ ...alsStart, alpha, ownProducts }))),
  );
  als = await best(shapes(als, ALS_FACTORS, ALS_REGULARISATIONS));
  let bpr = await best(
    LEARNING_RATES.flatMap((learningRate) =>
      own.map((ownProducts) => ({ ...bprStart, learningRate, ownProducts })),
    ),
  );
  bpr = await best(shapes(bpr, BPR_FACTORS, BPR_REGULARISATIONS));
  bpr = await best(BPR_ITERATIONS.map((iterations) => ({ ...bpr, iterations })));
  return { als, bpr };
}

function shapes(
  of: FactorisationSettings,
  factorCounts: readonly number[],
  regularisations: readonly number[],
): FactorisationSettings[] {
  return factorCounts.flatMap((factors) =>
    regularisations.map((regularisation) => ({ ...of, factors, regularisation })),
  );
}

/** The choice with the highest score; of equal ones the first. One process fits them all. */
async function bestOf(
  choices: readonly FactorisationSettings[],
  options: { validation: Validation; program: FactoriserProgram; fillerHalfLifeMs: number; seed: number },
): Promise<FactorisationSettings> {
  const { validation, program, seed } = options;
  const past = validation.past();
  const filler = popularProducts({ past, halfLifeMs: options.fillerHalfLifeMs });
  const factoriser = await Factoriser.start(program, past);
  try {
    const recommenders: Recommender[] = [];
    for (const settings of choices) {
      recommenders.push(await matrixFactorisation({ past, factoriser, settings, seed, filler }));
    }
    const scores = await validation.scores(recommenders);
    return choices[scores.indexOf(Math.max(...scores))] as FactorisationSettings;
  } finally {
    await factoriser.close();
  }
}
