import type { EvaluationResult, RecommenderResult } from '../../src/evaluation/evaluationResult.js';
import type { SetResults } from './results.js';

const SUBJECT = 'tagrank';

/** What stands in one column of the first table. */
interface Contestant {
  readonly title: string;
  of(results: SetResults): RecommenderResult | undefined;
}

const named = (result: EvaluationResult | undefined, name: string) =>
  result?.recommenders.find((recommender) => recommender.name === name);

/** The results as Markdown for the README: lists against baselines, then spread and time. */
export function qualityTable(all: readonly SetResults[]): string {
  if (all.length === 0) return 'Nothing has been measured yet: `npm run benchmark:quality` does.';
  return [accuracy(all), spread(all), machines(all)].join('\n\n');
}

function accuracy(all: readonly SetResults[]): string {
  const contestants = contestantsOf(all);
  return markdownTable(
    ['data set', 'people asked', ...contestants.map(({ title }) => title)],
    all.map((results) => {
      const found = contestants.map((contestant) => contestant.of(results));
      const recalls = boldBest(found.map((each) => each?.groups.all?.metrics['recall@20']?.mean));
      const ndcgs = boldBest(found.map((each) => each?.groups.all?.metrics['ndcg@20']?.mean));
      const { usersAsked, users } = results.fitted.split;
      return [
        results.set.name,
        usersAsked < users ? `${count(usersAsked)} of ${count(users)}` : count(usersAsked),
        ...found.map((each, index) => (each === undefined ? '–' : `${recalls[index]} / ${ndcgs[index]}`)),
      ];
    }),
  );
}

/** The baselines as the results name them, TagRank, and TagRank with the shipped model where asked. */
function contestantsOf(all: readonly SetResults[]): Contestant[] {
  const names = new Set(all.flatMap(({ fitted }) => fitted.recommenders.map(({ name }) => name)));
  names.delete(SUBJECT);
  const contestants: Contestant[] = [...names].map((name) => ({
    title: name,
    of: ({ fitted }) => named(fitted, name),
  }));
  contestants.push({ title: 'TagRank', of: ({ fitted }) => named(fitted, SUBJECT) });
  if (all.some(({ shipped }) => shipped !== undefined)) {
    contestants.push({ title: 'TagRank, shipped model', of: ({ shipped }) => named(shipped, SUBJECT) });
  }
  return contestants;
}

function spread(all: readonly SetResults[]): string {
  return markdownTable(
    ['TagRank on', 'products', 'shown to somebody', 'tail share of places', 'Gini', 'p50', 'p95', 'p99'],
    all.flatMap(({ set, fitted }) => {
      const tagrank = named(fitted, SUBJECT);
      if (tagrank === undefined) return [];
      const { productExposure: exposure, latency } = tagrank;
      return [
        [
          set.name,
          count(fitted.split.products),
          percent(exposure.coverageRatio),
          percent(exposure.tailShareRatio),
          exposure.giniRatio.toFixed(3),
          ...[latency.p50Ms, latency.p95Ms, latency.p99Ms].map((ms) => `${ms.toFixed(1)} ms`),
        ],
      ];
    }),
  );
}

function machines(all: readonly SetResults[]): string {
  const lines = all.map(({ fitted: { machine, versions } }) =>
    [
      `${machine.cpu}, ${machine.cores} cores`,
      ...Object.entries(versions).map((pair) => pair.join(' ')),
    ].join(', '),
  );
  return `Measured on ${[...new Set(lines)].join('; ')}.`;
}

/** Figures to four places, the highest of them (or several that read alike) in bold. */
function boldBest(values: readonly (number | undefined)[]): string[] {
  const texts = values.map((value) => value?.toFixed(4) ?? '–');
  const best = Math.max(...values.map((value) => value ?? Number.NEGATIVE_INFINITY)).toFixed(4);
  return texts.map((text) => (text === best ? `**${text}**` : text));
}

/** The first column is left-aligned, the others right-aligned. */
function markdownTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const rule = header.map((_, column) => (column === 0 ? '---' : '---:'));
  return [line(header), line(rule), ...rows.map(line)].join('\n');
}

const count = (value: number) => value.toLocaleString('en-GB');
const percent = (ratio: number) => `${(100 * ratio).toFixed(1)} %`;
