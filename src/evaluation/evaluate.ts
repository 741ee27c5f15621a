import { InvalidInputError } from '../core/errors.js';
import { type Answers, ask } from './ask.js';
import type { Estimate } from './bootstrap.js';
import type { Comparison, EvaluationResult, GroupResult, RecommenderResult } from './evaluationResult.js';
import { exposureSpread } from './exposure.js';
import { type GroupJudgement, judgeGroup } from './judgeGroup.js';
import { latencySummary } from './latency.js';
import { PAGE_DEPTH } from './listMetrics.js';
import { thisMachine } from './machine.js';
import type { Recommender } from './recommender.js';
import { sample } from './sample.js';
import { type Shelf, shelvesOf } from './shelves.js';
import type { EvaluatedUser, EvaluationSplit } from './split.js';
import { USER_GROUPS } from './userGroups.js';

/** Draws behind every interval. */
const RESAMPLES = 1_000;

/** Where an evaluation is: `asked` of `total` questions to the named recommender. */
export interface EvaluationProgress {
  readonly recommender: string;
  readonly asked: number;
  readonly total: number;
}

/**
 * Asks every recommender for every user of the split, at the moment of the split, and judges the
 * lists of 50, cut at each depth, against what the users did later: full ranking, no sampled negatives. Recommenders
 * must have been taught from `split.before` alone; that is the caller's part of the bargain.
 *
 * @throws InvalidInputError when two recommenders share a name, or `subject` names none of them.
 */
export async function evaluate(options: {
  dataSet: string;
  split: EvaluationSplit;
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
  const answers: Answers[] = [];
  for (const recommender of recommenders) {
    let asked = 0;
    const onAnswer = () =>
      options.onProgress?.({ recommender: recommender.name, asked: ++asked, total: users.length });
    answers.push(await ask({ recommender, users, split, onAnswer }));
  }

  const judgements = new Map<string, GroupJudgement>();
  for (const group of USER_GROUPS) {
    const judgement = judgeGroup({ group, users, answers, subject, resamples: RESAMPLES, seed });
    if (judgement !== undefined) judgements.set(group.name, judgement);
  }
  const shelves = shelvesOf(split);
  return {
    dataSet: options.dataSet,
    madeAt: new Date(options.madeAtMs).toISOString(),
    machine: thisMachine(),
    versions: { node: process.version, ...options.versions },
    seed,
    split: splitFacts({ split, users, shops: shelves.shops.available.size }),
    recommenders: answers.map((answer) => recommenderResult({ answer, judgements, split, shelves })),
    comparisons: comparisons({ recommenders, subject, judgements }),
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

function splitFacts(options: { split: EvaluationSplit; users: readonly EvaluatedUser[]; shops: number }) {
  const { split, users } = options;
  const sum = (count: (user: EvaluatedUser) => number) =>
    users.reduce((total, user) => total + count(user), 0);
  return {
    splitAt: new Date(split.splitAtMs).toISOString(),
    targetKind: split.targetKind,
    behavioursBefore: split.before.length,
    behavioursAfter: split.behavioursAfter,
    products: split.catalogue.size,
    shops: options.shops,
    users: split.users.length,
    usersAsked: users.length,
    warmUsers: sum((user) => (user.historyLength > 0 ? 1 : 0)),
    coldUsers: sum((user) => (user.historyLength === 0 ? 1 : 0)),
    seenTargets: sum((user) => user.seenTargets.length),
    newTargets: sum((user) => user.newTargets.length),
    unreachableTargets: sum((user) => user.newTargets.filter((id) => !split.catalogue.has(id)).length),
  };
}

function recommenderResult(options: {
  answer: Answers;
  judgements: ReadonlyMap<string, GroupJudgement>;
  split: EvaluationSplit;
  shelves: { products: Shelf; shops: Shelf };
}): RecommenderResult {
  const { answer, split, shelves } = options;
  const { name, settings = {} } = answer.recommender;
  const groups: Record<string, GroupResult> = {};
  for (const [group, { users, metrics }] of options.judgements) {
    groups[group] = { users, metrics: metrics.get(name) ?? {} };
  }
  const pages = answer.lists.map((list) => list.slice(0, PAGE_DEPTH));
  const shopPages = pages.map((page) => page.map((productId) => split.catalogue.get(productId) ?? ''));
  return {
    name,
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
