import type { Behaviour } from '../behaviour/behaviour.js';
import type { Product } from '../catalog/product.js';
import type { Shop } from '../catalog/shop.js';
import { InvalidInputError } from '../core/errors.js';
import { type Answers, Asking } from './ask.js';
import { askAlongTheLog, ROUNDS } from './askAlongTheLog.js';
import type { Estimate } from './bootstrap.js';
import type {
  AskingFacts,
  Comparison,
  EvaluationResult,
  GroupResult,
  RecommenderResult,
  SplitFacts,
} from './evaluationResult.js';
import { exposureSpread } from './exposure.js';
import { type GroupJudgement, judgeGroup } from './judgeGroup.js';
import { latencySummary } from './latency.js';
import type { LeftOut } from './leaveLastOut.js';
import { PAGE_DEPTH } from './listMetrics.js';
import { LogPlayer } from './logPlayer.js';
import { thisMachine } from './machine.js';
import type { Recommender } from './recommender.js';
import { sample } from './sample.js';
import { type Shelf, shelvesOf } from './shelves.js';
import type { EvaluatedUser, EvaluationSplit } from './split.js';
import { USER_GROUPS } from './userGroups.js';

/** Draws behind every interval. */
const RESAMPLES = 1_000;

/** Where an evaluation is: `asked` of `total` questions to the named recommender, or to all of them. */
export interface EvaluationProgress {
  readonly recommender: string;
  readonly asked: number;
  readonly total: number;
}

/** What happens from the split on, to be played between the questions of `leaveLastOut`. */
export interface LaterRecords {
  /** At or after the split, by time. */
  readonly later: readonly Behaviour[];
  readonly shops: readonly Shop[];
  readonly products: readonly Product[];
  readonly leftOut: LeftOut;
}

/**
 * Asks every recommender for every user of the split, at the moment of their question, and judges the
 * lists of 50, cut at each depth, against what the users did later: full ranking, no sampled negatives. Recommenders
 * must have been taught from `split.before` alone; that is the caller's part of the bargain.
 *
 * @throws InvalidInputError when two recommenders share a name, `subject` names none of them, or one that
 * does not learn is to be asked along a log.
 */
export async function evaluate(options: {
  dataSet: string;
  split: EvaluationSplit;
  /** Played between the questions; without it all are put at the split. */
  along?: LaterRecords;
  recommenders: readonly Recommender[];
  /** Name of the recommender to compare with each of the others, person by person. */
  subject?: string;
  /** Asks a seeded sample of this many users; all when absent. */
  maxUsers?: number;
  seed: number;
  /** When the result is dated. */
  madeAtMs: number;
  versions?: Readonly<Record<string, string>>;
  onProgress?: (progress: EvaluationProgress) => void;
}): Promise<EvaluationResult> {
  const { split, recommenders, subject, seed } = options;
  checkNames(recommenders, subject);
  const users = sample(split.users, options.maxUsers ?? Infinity, seed);
  const { answers, catalogue, asking } =
    options.along === undefined
      ? await askAtTheSplit({ ...options, users })
      : await askAlong({ ...options, users, along: options.along });

  const judgements = new Map<string, GroupJudgement>();
  for (const group of USER_GROUPS) {
    const judgement = judgeGroup({ group, users, answers, subject, resamples: RESAMPLES, seed });
    if (judgement !== undefined) judgements.set(group.name, judgement);
  }
  const shelves = shelvesOf({ before: split.before, catalogue });
  return {
    dataSet: options.dataSet,
    madeAt: new Date(options.madeAtMs).toISOString(),
    machine: thisMachine(),
    versions: { node: process.version, ...options.versions },
    seed,
    split: splitFacts({ split, users, shelves, asking }),
    recommenders: answers.map((answer) => recommenderResult({ answer, judgements, catalogue, shelves })),
    comparisons: comparisons({ recommenders, subject, judgements }),
  };
}

interface Asked {
  readonly answers: readonly Answers[];
  /** When the last question was put. */
  readonly catalogue: EvaluationSplit['catalogue'];
  readonly asking?: AskingFacts;
}

type AskOptions = Pick<Parameters<typeof evaluate>[0], 'split' | 'recommenders' | 'onProgress'> & {
  readonly users: EvaluatedUser[];
};

async function askAtTheSplit({ split, recommenders, users, onProgress }: AskOptions): Promise<Asked> {
  const answers: Answers[] = [];
  for (const recommender of recommenders) {
    const asking = new Asking(recommender);
    for (const [index, user] of users.entries()) {
      await asking.ask(user, split.catalogue);
      onProgress?.({ recommender: recommender.name, asked: index + 1, total: users.length });
    }
    answers.push(asking.answers);
  }
  return { answers, catalogue: split.catalogue };
}

async function askAlong(options: AskOptions & { along: LaterRecords }): Promise<Asked> {
  const { split, along, recommenders, users } = options;
  const deaf = recommenders.filter(({ learn }) => learn === undefined).map(({ name }) => name);
  if (deaf.length > 0) {
    throw new InvalidInputError({ field: 'recommenders', rule: `must learn, but for ${deaf.join(', ')}` });
  }
  users.sort((a, b) => a.askedAtMs - b.askedAtMs);
  const log = new LogPlayer({ split, ...along });
  const answers = await askAlongTheLog({
    recommenders,
    users,
    log,
    rounds: ROUNDS,
    onAsked: (asked) => options.onProgress?.({ recommender: 'all', asked, total: users.length }),
  });
  const time = (user: EvaluatedUser | undefined) =>
    new Date(user?.askedAtMs ?? split.splitAtMs).toISOString();
  return {
    answers,
    catalogue: log.catalogue,
    asking: {
      firstAt: time(users[0]),
      lastAt: time(users.at(-1)),
      behavioursPlayed: log.played,
      rounds: Math.min(ROUNDS, users.length),
      leftOut: along.leftOut,
    },
  };
}

function checkNames(recommenders: readonly Recommender[], subject: string | undefined): void {
  const names = recommenders.map(({ name }) => name);
  if (new Set(names).size < names.length) {
    throw new InvalidInputError({ field: 'recommenders', rule: 'each needs a name of its own' });
  }
  if (subject !== undefined && !names.includes(subject)) {
    throw new InvalidInputError({ field: 'subject', rule: `must be one of ${names.join(', ')}` });
  }
}

function splitFacts(options: {
  split: EvaluationSplit;
  users: readonly EvaluatedUser[];
  shelves: { products: Shelf; shops: Shelf };
  asking: AskingFacts | undefined;
}): SplitFacts {
  const { split, users, shelves, asking } = options;
  const sum = (count: (user: EvaluatedUser) => number) =>
    users.reduce((total, user) => total + count(user), 0);
  return {
    protocol: split.protocol,
    splitAt: new Date(split.splitAtMs).toISOString(),
    targetKind: split.targetKind,
    behavioursBefore: split.before.length,
    behavioursAfter: split.behavioursAfter,
    products: shelves.products.available.size,
    shops: shelves.shops.available.size,
    users: split.users.length,
    usersAsked: users.length,
    warmUsers: sum((user) => (user.historyLength > 0 ? 1 : 0)),
    coldUsers: sum((user) => (user.historyLength === 0 ? 1 : 0)),
    seenTargets: sum((user) => user.seenTargets.length),
    newTargets: sum((user) => user.newTargets.length),
    unreachableTargets: sum((user) => user.unreachableTargets),
    ...(asking !== undefined && { asking }),
  };
}

function recommenderResult(options: {
  answer: Answers;
  judgements: ReadonlyMap<string, GroupJudgement>;
  catalogue: EvaluationSplit['catalogue'];
  shelves: { products: Shelf; shops: Shelf };
}): RecommenderResult {
  const { answer, catalogue, shelves } = options;
  const { name, settings = {}, ablationOf } = answer.recommender;
  const groups: Record<string, GroupResult> = {};
  for (const [group, { users, metrics }] of options.judgements) {
    groups[group] = { users, metrics: metrics.get(name) ?? {} };
  }
  const pages = answer.lists.map((list) => list.slice(0, PAGE_DEPTH));
  const shopPages = pages.map((page) => page.map((productId) => catalogue.get(productId) ?? ''));
  return {
    name,
    ...(ablationOf !== undefined && { ablationOf }),
    settings,
    groups,
    productExposure: exposureSpread({ lists: pages, ...shelves.products }),
    ...(shelves.shops.available.size > 0 && {
      shopExposure: exposureSpread({ lists: shopPages, ...shelves.shops }),
    }),
    latency: latencySummary(answer.durationsMs),
    foreignPlaces: answer.foreignPlaces,
  };
}

function comparisons(options: {
  recommenders: readonly Recommender[];
  subject: string | undefined;
  judgements: ReadonlyMap<string, GroupJudgement>;
}): Comparison[] {
  const { recommenders, subject, judgements } = options;
  if (subject === undefined) return [];
  return recommenders
    .filter(({ name }) => name !== subject)
    .map(({ name: against }) => {
      const groups: Record<string, Record<string, Estimate>> = {};
      for (const [group, { differences }] of judgements) groups[group] = differences.get(against) ?? {};
      return { subject, against, groups };
    });
}
