import type { Recommender } from '../recommender.js';
import type { EvaluationSplit } from '../split.js';
import { itemCooccurrence } from './itemCooccurrence.js';
import { neighboursByRound } from './neighbours.js';
import { pastOf } from './past.js';
import { personalFrequency } from './personalFrequency.js';
import { popular, popularProducts, recentlyPopular } from './popular.js';
import { sessionKnn } from './sessionKnn.js';
import { tuneBaselines } from './tuning.js';
import { visitsOf } from './visits.js';

/** People whose later behaviours choose the settings, at most. */
const TUNING_USERS = 1_000;

/**
 * The recommenders that TagRank has to beat, tuned on the past and then taught all of it. Weakest
 * first. The personal ones fill up short lists, and answer newcomers, with what is recently
 * popular.
 */
export async function createBaselines(options: {
  split: EvaluationSplit;
  seed: number;
}): Promise<Recommender[]> {
  const { split, seed } = options;
  const settings = await tuneBaselines({ split, seed, maxUsers: TUNING_USERS });
  const past = pastOf(split.before);
  const filler = popularProducts({ past, ...settings.recentlyPopular });
  const { shrinkage, ...cooccurrence } = settings.itemCooccurrence;
  const { gapMs, ...knn } = settings.sessionKnn;
  const neighbours = neighboursByRound({ past, kept: cooccurrence.nearest, shrinkage });
  return [
    popular({ past }),
    recentlyPopular({ past, ...settings.recentlyPopular }),
    personalFrequency({ past, filler, ...settings.personalFrequency }),
    itemCooccurrence({ past, neighbours, filler, settings: cooccurrence }),
    sessionKnn({ past, filler, visits: visitsOf({ past, gapMs }), settings: knn }),
  ];
}
