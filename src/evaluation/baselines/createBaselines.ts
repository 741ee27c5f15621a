import type { BehaviourWeights } from '../../behaviour/weights.js';
import type { Recommender } from '../recommender.js';
import type { EvaluationSplit } from '../split.js';
import { Factoriser, type FactoriserProgram } from './factoriser.js';
import { itemCooccurrence } from './itemCooccurrence.js';
import { matrixFactorisation } from './matrixFactorisation.js';
import { neighboursByRound } from './neighbours.js';
import { type Past, pastOf } from './past.js';
import { personalFrequency } from './personalFrequency.js';
import { popular, popularProducts, type Ranking, recentlyPopular } from './popular.js';
import { sessionKnn } from './sessionKnn.js';
import { tuneFactorisation } from './tuneFactorisation.js';
import { tuneBaselines } from './tuning.js';
import { validationOf } from './validation.js';
import { visitsOf } from './visits.js';

/** People whose later behaviours choose the settings, at most. */
const TUNING_USERS = 1_000;

/** What TagRank has to beat. `close` ends the processes behind it. */
export interface Baselines {
  readonly recommenders: readonly Recommender[];
  close(): Promise<void>;
}

/**
 * The recommenders that TagRank has to beat, tuned on the past and then taught all of it. Weakest
 * first. The personal ones fill up short lists, and answer newcomers, with what is recently
 * popular.
 *
 * @throws FailedPreconditionError when ALS and BPR are wanted and cannot be run
 */
export async function createBaselines(options: {
  split: EvaluationSplit;
  seed: number;
  /** The starting weights when absent. */
  weights?: BehaviourWeights;
  /** ALS and BPR as well, by this. */
  factorisation?: FactoriserProgram;
}): Promise<Baselines> {
  const { split, seed, weights } = options;
  const validation = validationOf({ split, weights, seed, maxUsers: TUNING_USERS });
  const settings = await tuneBaselines(validation);
  const past = pastOf(split.before, weights);
  const filler = popularProducts({ past, ...settings.recentlyPopular });
  const { shrinkage, ...cooccurrence } = settings.itemCooccurrence;
  const { gapMs, ...knn } = settings.sessionKnn;
  const neighbours = neighboursByRound({ past, kept: cooccurrence.nearest, shrinkage });
  const recommenders = [
    popular({ past }),
    recentlyPopular({ past, ...settings.recentlyPopular }),
    personalFrequency({ past, filler, ...settings.personalFrequency }),
    itemCooccurrence({ past, neighbours, filler, settings: cooccurrence }),
    sessionKnn({ past, filler, visits: visitsOf({ past, gapMs }), settings: knn }),
  ];
  if (options.factorisation === undefined) return { recommenders, close: async () => {} };

  const program = options.factorisation;
  const fillerHalfLifeMs = settings.recentlyPopular.halfLifeMs;
  const tuned = await tuneFactorisation({ validation, program, fillerHalfLifeMs, seed });
  const factored = await startFactored({ program, past, filler, seed, settings: [tuned.als, tuned.bpr] });
  return { recommenders: [...recommenders, ...factored.recommenders], close: factored.close };
}

async function startFactored(options: {
  program: FactoriserProgram;
  past: Past;
  filler: Ranking;
  seed: number;
  settings: readonly Parameters<typeof matrixFactorisation>[0]['settings'][];
}): Promise<Baselines> {
  const factoriser = await Factoriser.start(options.program, options.past);
  try {
    const recommenders: Recommender[] = [];
    for (const settings of options.settings) {
      recommenders.push(await matrixFactorisation({ ...options, factoriser, settings }));
    }
    return { recommenders, close: () => factoriser.close() };
  } catch (error) {
    await factoriser.close();
    throw error;
  }
}
