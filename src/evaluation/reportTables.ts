import type { Estimate } from './bootstrap.js';
import type { AskingFacts, Comparison, EvaluationResult, RecommenderResult } from './evaluationResult.js';
import { DEPTHS } from './listMetrics.js';
import type { Protocol } from './split.js';
import type { TargetKind } from './targets.js';

/** One table of a report, whatever it is written as; the first column is of names. */
export interface ReportTable {
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly note?: string;
  /** Whether the last column holds words, not figures. */
  readonly wordsLast?: boolean;
}

/** The tables of a report, in order. */
export function reportTables(result: EvaluationResult): ReportTable[] {
  const ablated = result.recommenders.filter(({ ablationOf }) => ablationOf !== undefined);
  const isAblated = ({ against }: Comparison) => ablated.some(({ name }) => name === against);
  const whole = {
    ...result,
    recommenders: withoutAblations(result),
    comparisons: result.comparisons.filter((comparison) => !isAblated(comparison)),
  };
  const tables = [...overall(whole), exposure(whole), groups(whole)];
  if (whole.comparisons.length > 0) tables.push(comparisons(whole));
  if (ablated.length > 0) tables.push(ablation(result.comparisons.filter(isAblated)));
  return tables;
}

/** All that are compared, but for those that are one of them with a part missing. */
export function withoutAblations({ recommenders }: EvaluationResult): RecommenderResult[] {
  return recommenders.filter(({ ablationOf }) => ablationOf === undefined);
}

/** What was asked of whom, line by line. */
export function reportHeading({ dataSet, split, seed }: EvaluationResult): string[] {
  const asked = split.usersAsked < split.users ? `, ${count(split.usersAsked)} of them asked` : '';
  return [
    `${dataSet}, ${PROTOCOL_WORDS[split.protocol]} ${split.splitAt}, seed ${seed}`,
    `${count(split.behavioursBefore)} behaviours before, ${count(split.behavioursAfter)} after; ` +
      `${count(split.products)} products, ${count(split.shops)} shops`,
    `${count(split.users)} users with ${split.asking ? 'a last choice' : 'later targets'}${asked}: ` +
      `${count(split.warmUsers)} warm, ${count(split.coldUsers)} cold`,
    ...(split.asking === undefined ? [] : askingLines(split.asking)),
    `${TARGET_WORDS[split.targetKind]}: ${count(split.seenTargets)} seen before by their user, ` +
      `${count(split.newTargets)} new, of which ${count(split.unreachableTargets)} out of reach`,
  ];
}

const PROTOCOL_WORDS: Readonly<Record<Protocol, string>> = {
  'time-split': 'split at',
  'leave-last-out': 'last choices from',
};

function askingLines({ firstAt, lastAt, behavioursPlayed, rounds, leftOut }: AskingFacts): string[] {
  return [
    `Each asked just before it, from ${firstAt} to ${lastAt}; ` +
      `${count(behavioursPlayed)} behaviours played in between, batch fits made anew ${count(rounds)} times`,
    `Not asked: ${count(leftOut.beforeSplit)} with their last choice before the split, ` +
      `${count(leftOut.firstChoice)} with one alone`,
  ];
}

const TARGET_WORDS: Readonly<Record<TargetKind, string>> = {
  next: 'Targets (next choices)',
  any: 'Targets (any positive)',
  purchase: 'Targets (purchases)',
};

/** Two tables, so that neither is wider than a screen. */
function overall({ recommenders }: EvaluationResult): ReportTable[] {
  const columns = (families: readonly (readonly [string, string])[]) =>
    families.flatMap(([title, family]) => DEPTHS.map((k) => [`${title}@${k}`, `${family}@${k}`] as const));
  const figures = ({ groups }: RecommenderResult, metrics: readonly (readonly [string, string])[]) =>
    metrics.map(([, metric]) => figure(groups.all?.metrics[metric]?.mean));
  const found = columns([
    ['Recall', 'recall'],
    ['NDCG', 'ndcg'],
  ]);
  const first = columns([
    ['Hit', 'hit_rate'],
    ['MRR', 'mrr'],
  ]);
  const titles = (of: readonly (readonly [string, string])[]) => of.map(([title]) => title);
  return [
    {
      header: ['All users', ...titles(found)],
      rows: recommenders.map((each) => [each.name, ...figures(each, found)]),
    },
    {
      header: ['First hits', ...titles(first), 'p50 ms', 'p95 ms', 'p99 ms'],
      rows: recommenders.map((each) => [
        each.name,
        ...figures(each, first),
        ...[each.latency.p50Ms, each.latency.p95Ms, each.latency.p99Ms].map((ms) => ms.toFixed(3)),
      ]),
    },
  ];
}

function exposure({ recommenders }: EvaluationResult): ReportTable {
  const header = ['Exposure at 20', 'Coverage', 'Tail share', 'Gini'];
  const withShops = recommenders.some(({ shopExposure }) => shopExposure !== undefined);
  if (withShops) header.push('Shop coverage', 'Shop tail share', 'Shop Gini');
  const rows = recommenders.map(({ name, productExposure, shopExposure }) => {
    const spreads = withShops ? [productExposure, shopExposure] : [productExposure];
    return [
      name,
      ...spreads.flatMap((spread) => [
        percent(spread?.coverageRatio),
        percent(spread?.tailShareRatio),
        figure(spread?.giniRatio),
      ]),
    ];
  });
  const note = 'Tail: outside the smallest set that held 80 % of the behaviours before the split.';
  return { header, rows, note };
}

const GROUP_TITLES: Readonly<Record<string, string>> = {
  warm: 'warm users',
  cold: 'cold users',
  history_1_2: '1–2 behaviours',
  history_3_10: '3–10 behaviours',
  history_11_up: '11 or more',
  seen_targets: 'seen targets',
  new_targets: 'new targets',
};

function groups({ recommenders }: EvaluationResult): ReportTable {
  const present = Object.keys(GROUP_TITLES).filter((group) => recommenders[0]?.groups[group] !== undefined);
  const users = (group: string) => recommenders[0]?.groups[group]?.users.toLocaleString('en-GB') ?? '0';
  const header = ['Recall@20 / NDCG@20', ...present.map((group) => GROUP_TITLES[group] ?? group)];
  const counts = ['  users', ...present.map(users)];
  const cell = (recommender: RecommenderResult, group: string) => {
    const metrics = recommender.groups[group]?.metrics;
    return `${figure(metrics?.['recall@20']?.mean)} / ${figure(metrics?.['ndcg@20']?.mean)}`;
  };
  const rows = recommenders.map((each) => [each.name, ...present.map((group) => cell(each, group))]);
  return { header, rows: [counts, ...rows] };
}

function comparisons({ comparisons: all }: EvaluationResult): ReportTable {
  const header = [`${all[0]?.subject ?? ''} minus`, 'Recall@20 [95 % interval]', 'NDCG@20 [95 % interval]'];
  const rows = all.map(({ against, groups: byGroup }) => [
    against,
    difference(byGroup.all?.['recall@20']),
    difference(byGroup.all?.['ndcg@20']),
  ]);
  return { header, rows };
}

/** What each part brings: the whole minus the same without it. */
function ablation(all: readonly Comparison[]): ReportTable {
  const subject = all[0]?.subject ?? '';
  const header = [
    `What a part brings to ${subject}`,
    'Recall@20 [95 % interval]',
    'NDCG@20 [95 % interval]',
    'NDCG@20, seen targets',
    'NDCG@20, new targets',
  ];
  const rows = all.map(({ against, groups: byGroup }) => [
    against.replace(`${subject} without `, ''),
    difference(byGroup.all?.['recall@20']),
    difference(byGroup.all?.['ndcg@20']),
    difference(byGroup.seen_targets?.['ndcg@20']),
    difference(byGroup.new_targets?.['ndcg@20']),
  ]);
  return { header, rows, note: 'The whole minus the same without the part; the model stays as fitted.' };
}

/** What was chosen for whom, and what all of it ran on. */
export function reportSettings({ recommenders, machine, versions }: EvaluationResult) {
  const tuned = recommenders
    .filter((each) => Object.keys(each.settings).length > 0)
    .map((each) => `${each.name}: ${words(each.settings)}`);
  const ran = `${machine.cpu}, ${machine.cores} cores, ${machine.platform}; ${words(versions)}`;
  return { title: 'Settings, chosen on the past alone', tuned, ran };
}

function words(values: Readonly<Record<string, string | number | boolean>>): string {
  return Object.entries(values)
    .map(([key, value]) => `${key} ${typeof value === 'number' ? Number(value.toPrecision(4)) : value}`)
    .join(', ');
}

const count = (value: number) => value.toLocaleString('en-GB');
const figure = (value: number | undefined) => (value === undefined ? '–' : value.toFixed(4));
const percent = (ratio: number | undefined) => (ratio === undefined ? '–' : `${(100 * ratio).toFixed(1)} %`);
const signed = (value: number) => `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(4)}`;

function difference(of: Estimate | undefined): string {
  return of === undefined ? '–' : `${signed(of.mean)} [${signed(of.low)}, ${signed(of.high)}]`;
}
