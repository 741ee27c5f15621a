import type { BehaviourWeights } from '../../behaviour/weights.js';
import { askAlongTheLog } from '../askAlongTheLog.js';
import { leaveLastOut } from '../leaveLastOut.js';
import { LogPlayer } from '../logPlayer.js';
import { meanNdcg, meanNdcgOf } from '../meanNdcg.js';
import type { Recommender } from '../recommender.js';
import { sample } from '../sample.js';
import { type EvaluationSplit, splitBehaviours } from '../split.js';
import { type Past, pastOf } from './past.js';

/** The share of the past that is learned from while tuning; the rest plays the future. */
const LEARNED_SHARE = 0.8;

/** As often are batch fits made anew while tuning along a log: fewer than later on, to take less time. */
const TUNING_ROUNDS = 5;

/** Where settings are tried. */
export interface Validation {
  /** What may be learned from; of one contest. */
  past(): Past;
  /** Mean NDCG@20 of each; of one contest, and all of them made from one `past`. */
  scores(recommenders: readonly Recommender[]): Promise<number[]>;
}

/**
 * The protocol of the real questions played inside the past: the first 80 % of the behaviours before the real
 * split against the people of the last 20 %, or a sample of them. Nothing at or after the real split
 * is read. Undefined when the past is too thin.
 */
export function validationOf(options: {
  split: EvaluationSplit;
  /** The starting weights when absent. */
  weights?: BehaviourWeights;
  maxUsers: number;
  seed: number;
}): Validation | undefined {
  const { split, maxUsers, seed } = options;
  const cut = split.before[Math.floor(LEARNED_SHARE * split.before.length)];
  if (cut === undefined) return undefined;
  const inner = {
    behaviours: split.before,
    products: [],
    splitAtMs: cut.occurredAtMs,
    targetKind: split.targetKind,
  };
  const validation = split.protocol === 'time-split' ? atTheSplit : alongTheLog;
  return validation({ ...inner, weights: options.weights }, (users) => sample(users, maxUsers, seed));
}

type Inner = Parameters<typeof splitBehaviours>[0] & { readonly weights: BehaviourWeights | undefined };
type Draw = (users: EvaluationSplit['users']) => EvaluationSplit['users'];

function atTheSplit(inner: Inner, draw: Draw): Validation | undefined {
  const split = splitBehaviours(inner);
  const users = draw(split.users);
  if (users.length === 0) return undefined;
  const past = pastOf(split.before, inner.weights);
  return {
    past: () => past,
    async scores(recommenders) {
      const scores: number[] = [];
      for (const recommender of recommenders) scores.push(await meanNdcg({ recommender, users }));
      return scores;
    },
  };
}

function alongTheLog(inner: Inner, draw: Draw): Validation | undefined {
  const { split, later } = leaveLastOut(inner);
  const users = draw(split.users).toSorted((a, b) => a.askedAtMs - b.askedAtMs);
  if (users.length === 0) return undefined;
  return {
    past: () => pastOf(split.before, inner.weights),
    async scores(recommenders) {
      const log = new LogPlayer({ split, later, shops: [], products: [] });
      const answers = await askAlongTheLog({ recommenders, users, log, rounds: TUNING_ROUNDS });
      return answers.map(({ lists }) => meanNdcgOf(lists, users));
    },
  };
}
