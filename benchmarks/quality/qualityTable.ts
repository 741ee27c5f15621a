import type { EvaluationResult, RecommenderResult } from '../../src/evaluation/evaluationResult.js';
import { withoutAblations } from '../../src/evaluation/reportTables.js';
import type { SetResults } from './results.js';

const SUBJECT = 'tagrank';

/** What stands in one column of a table of figures. */
interface Contestant {
  readonly title: string;
  of(results: SetResults): RecommenderResult | undefined;
}

const named = (result: EvaluationResult | undefined, name: string) =>
  result?.recommenders.find((recommender) => recommender.name === name);

/** The results as Markdown for the README: lists against baselines by both protocols, then spread and time. */
export function qualityTable(all: readonly SetResults[]): string {
  if (all.length === 0) return 'Nothing has been measured yet: `npm run benchmark:quality` does.';
  return [accuracy(all), ...lastChoices(all), spread(all), machines(all)].join('\n\n');
}

function accuracy(all: readonly SetResults[]): string {
  const contestants = contestantsOf(all, ({ fitted }) => fitted);
  if (all.some(({ shipped }) => shipped !== undefined)) {
    contestants.push({ title: 'TagRank, shipped model', of: ({ shipped }) => named(shipped, SUBJECT) });
  }
  return figures(all, contestants, ({ fitted }) => fitted);
}

function lastChoices(all: readonly SetResults[]): string[] {
  const measured = all.filter(({ lastOut }) => lastOut !== undefined);
  if (measured.length === 0) return [];
  const result = ({ lastOut, fitted }: SetResults) => lastOut ?? fitted;
  return [
    "By everybody's last choice (`--protocol leave-last-out`), each asked just before it:",
    figures(measured, contestantsOf(measured, result), result),
  ];
}

function figures(
  all: readonly SetResults[],
  contestants: readonly Contestant[],
  resultOf: (results: SetResults) => EvaluationResult,
): string {
  return markdownTable(
    ['data set', 'people asked', ...contestants.map(({ title }) => title)],
    all.map((results) => {
      const found = contestants.map((contestant) => contestant.of(results));
      const recalls = boldBest(found.map((each) => each?.groups.all?.metrics['recall@20']?.mean));
      const ndcgs = boldBest(found.map((each) => each?.groups.all?.metrics['ndcg@20']?.mean));
      const { usersAsked, users } = resultOf(results).split;
      return [
        results.set.name,
        usersAsked < users ? `${count(usersAsked)} of ${count(users)}` : count(usersAsked),
        ...found.map((each, index) => (each === undefined ? '–' : `${recalls[index]} / ${ndcgs[index]}`)),
      ];
    }),
  );
}

/** The baselines as the results name them, and TagRank. */
function contestantsOf(
  all: readonly SetResults[],
  resultOf: (results: SetResults) => EvaluationResult,
): Contestant[] {
  const names = new Set(
    all.flatMap((results) => withoutAblations(resultOf(results)).map(({ name }) => name)),
  );
  names.delete(SUBJECT);
  return [
    ...[...names].map((name) => ({
      title: name,
      of: (results: SetResults) => named(resultOf(results), name),
    })),
    { title: 'TagRank', of: (results) => named(resultOf(results), SUBJECT) },
  ];
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
  const results = all.flatMap(({ fitted, lastOut }) =>
    lastOut === undefined ? [fitted] : [fitted, lastOut],
  );
  const lines = results.map(({ machine, versions }) =>
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
