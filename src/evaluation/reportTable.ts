import type { Estimate } from './bootstrap.js';
import type { AskingFacts, EvaluationResult, RecommenderResult } from './evaluationResult.js';
import { DEPTHS } from './listMetrics.js';
import type { Protocol } from './split.js';
import type { TargetKind } from './targets.js';

type Row = readonly string[];

/** The result as text for a terminal or a fixed-width block, without a line end at the end. */
export function reportTable(result: EvaluationResult): string {
  const sections = [heading(result), overall(result), exposure(result), groups(result)];
  if (result.comparisons.length > 0) sections.push(comparisons(result));
  sections.push(settings(result));
  return sections.join('\n\n');
}

function heading({ dataSet, split, seed }: EvaluationResult): string {
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
  ].join('\n');
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
function overall({ recommenders }: EvaluationResult): string {
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
    table([
      ['All users', ...titles(found)],
      ...recommenders.map((each) => [each.name, ...figures(each, found)]),
    ]),
    table([
      ['First hits', ...titles(first), 'p50 ms', 'p95 ms', 'p99 ms'],
      ...recommenders.map((each) => [
        each.name,
        ...figures(each, first),
        ...[each.latency.p50Ms, each.latency.p95Ms, each.latency.p99Ms].map((ms) => ms.toFixed(3)),
      ]),
    ]),
  ].join('\n\n');
}

function exposure({ recommenders }: EvaluationResult): string {
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
  return `${table([header, ...rows])}\nTail: outside the smallest set that held 80 % of the behaviours before the split.`;
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

function groups({ recommenders }: EvaluationResult): string {
  const present = Object.keys(GROUP_TITLES).filter((group) => recommenders[0]?.groups[group] !== undefined);
  const users = (group: string) => recommenders[0]?.groups[group]?.users.toLocaleString('en-GB') ?? '0';
  const header = ['Recall@20 / NDCG@20', ...present.map((group) => GROUP_TITLES[group] ?? group)];
  const counts = ['  users', ...present.map(users)];
  const cell = (recommender: RecommenderResult, group: string) => {
    const metrics = recommender.groups[group]?.metrics;
    return `${figure(metrics?.['recall@20']?.mean)} / ${figure(metrics?.['ndcg@20']?.mean)}`;
  };
  const rows = recommenders.map((each) => [each.name, ...present.map((group) => cell(each, group))]);
  return table([header, counts, ...rows]);
}

function comparisons({ comparisons: all }: EvaluationResult): string {
  const header = [`${all[0]?.subject ?? ''} minus`, 'Recall@20 [95 % interval]', 'NDCG@20 [95 % interval]'];
  const rows = all.map(({ against, groups: byGroup }) => [
    against,
    difference(byGroup.all?.['recall@20']),
    difference(byGroup.all?.['ndcg@20']),
  ]);
  return table([header, ...rows]);
}

function settings({ recommenders, machine, versions }: EvaluationResult): string {
  const tuned = recommenders
    .filter((each) => Object.keys(each.settings).length > 0)
    .map((each) => `${each.name}: ${words(each.settings)}`);
  const ran = `${machine.cpu}, ${machine.cores} cores, ${machine.platform}; ${words(versions)}`;
  return ['Settings, chosen on the past alone', ...tuned.map((line) => `  ${line}`), ran].join('\n');
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

/** The first row is the header; the first column is left-aligned, the others right-aligned. */
function table(rows: readonly Row[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: Row) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd();
  const [header = [], ...body] = rows;
  return [line(header), '─'.repeat(line(header).length), ...body.map(line)].join('\n');
}
