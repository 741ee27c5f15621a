import { loader, parse, View } from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';
import type { EvaluationResult, RecommenderResult } from './evaluationResult.js';
import { withoutAblations } from './reportTables.js';
import type { Protocol } from './split.js';

/** One bar: a figure of a recommender, with its interval where it has one. */
interface Bar {
  readonly recommender: string;
  readonly value: number;
  readonly low?: number;
  readonly high?: number;
}

interface Panel {
  readonly title: string;
  bar(of: RecommenderResult): Omit<Bar, 'recommender'> | undefined;
}

const listPanel = (title: string, group: string, metric: string): Panel => ({
  title,
  bar: ({ groups }) => {
    const found = groups[group]?.metrics[metric];
    return found && { value: found.mean, low: found.low, high: found.high };
  },
});

const PANELS: readonly Panel[] = [
  listPanel('Recall@20', 'all', 'recall@20'),
  listPanel('NDCG@20', 'all', 'ndcg@20'),
  listPanel('Hit rate@20', 'all', 'hit_rate@20'),
  listPanel('NDCG@20, warm users', 'warm', 'ndcg@20'),
  listPanel('NDCG@20, cold users', 'cold', 'ndcg@20'),
  listPanel('NDCG@20, new targets', 'new_targets', 'ndcg@20'),
  { title: 'Catalogue coverage', bar: (of) => ({ value: of.productExposure.coverageRatio }) },
  { title: 'Tail share of places', bar: (of) => ({ value: of.productExposure.tailShareRatio }) },
  { title: 'Gini of exposure', bar: (of) => ({ value: of.productExposure.giniRatio }) },
];

const JUDGED_BY: Readonly<Record<Protocol, string>> = {
  'time-split': 'what people did after',
  'leave-last-out': 'the last choice of each person after',
};

const JUDGED_COLOUR = '#c2410c';
const BASELINE_COLOUR = '#7b8794';
const INTERVAL_COLOUR = '#1f2933';

/**
 * The result as an SVG: a panel a figure, a bar a recommender, whiskers for 95 % intervals; the
 * judged recommender stands out. Every panel has its own scale, from 0. Needs no canvas.
 */
export async function reportPlot(result: EvaluationResult): Promise<string> {
  const { spec } = compile(plotSpec(result));
  const view = new View(parse(spec), { renderer: 'none', loader: loader() });
  try {
    return await view.toSVG();
  } finally {
    view.finalize();
  }
}

function plotSpec(result: EvaluationResult): TopLevelSpec {
  const { dataSet, split } = result;
  const recommenders = withoutAblations(result);
  const judged = result.comparisons[0]?.subject;
  const panels = PANELS.map(({ title, bar }) => ({
    title,
    bars: recommenders.flatMap((of): Bar[] => {
      const found = bar(of);
      return found === undefined ? [] : [{ recommender: of.name, ...found }];
    }),
  })).filter(({ bars }) => bars.length > 0);
  const order = recommenders.map(({ name }) => name);
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    title: {
      text: `${dataSet}: lists of 50, cut at each depth, against ${JUDGED_BY[split.protocol]} ${split.splitAt.slice(0, 10)}`,
      subtitle:
        `${split.usersAsked.toLocaleString('en-GB')} users asked, ${split.products.toLocaleString('en-GB')} ` +
        `products ranked; whiskers: 95 % bootstrap intervals`,
      anchor: 'start',
      fontSize: 15,
      subtitleColor: '#52606d',
      offset: 20,
    },
    background: 'white',
    padding: 16,
    columns: 3,
    spacing: { row: 28, column: 28 },
    concat: panels.map((panel, index) => panelSpec({ ...panel, order, judged, named: index % 3 === 0 })),
    config: { font: 'Helvetica, Arial, DejaVu Sans, sans-serif', view: { stroke: null } },
  };
}

function panelSpec(options: {
  title: string;
  bars: readonly Bar[];
  order: readonly string[];
  judged: string | undefined;
  /** Whether the recommenders' names stand beside this panel. */
  named: boolean;
}) {
  const { title, bars, order, judged, named } = options;
  const highest = Math.max(0, ...bars.map(({ value, high }) => Math.max(value, high ?? 0)));
  const y = {
    field: 'recommender',
    type: 'nominal' as const,
    sort: [...order],
    title: null,
    axis: { labels: named, ticks: false, domain: false, labelLimit: 200, labelPadding: 8 },
  };
  // Room on the right for the figure that follows each bar.
  const scale = { domain: [0, highest === 0 ? 1 : highest * 1.3], nice: false };
  const axis = { tickCount: 3, grid: true, gridColor: '#e4e7eb', domain: false, ticks: false, format: '~g' };
  const colour = {
    condition: { test: `datum.recommender === ${JSON.stringify(judged ?? '')}`, value: JUDGED_COLOUR },
    value: BASELINE_COLOUR,
  };
  return {
    title: { text: title, anchor: 'start' as const, frame: 'group' as const, fontSize: 12, offset: 6 },
    width: 210,
    height: { step: 22 },
    data: { values: bars.map((bar) => ({ ...bar, high: bar.high ?? bar.value, low: bar.low ?? bar.value })) },
    encoding: { y },
    layer: [
      {
        mark: { type: 'bar' as const, height: 14 },
        encoding: {
          x: { field: 'value', type: 'quantitative' as const, title: null, scale, axis },
          color: colour,
        },
      },
      {
        transform: [{ filter: 'datum.high > datum.low' }],
        mark: { type: 'rule' as const, color: INTERVAL_COLOUR },
        encoding: { x: { field: 'low', type: 'quantitative' as const, scale }, x2: { field: 'high' } },
      },
      {
        mark: { type: 'text' as const, align: 'left' as const, dx: 5, fontSize: 10, color: INTERVAL_COLOUR },
        encoding: {
          x: { field: 'high', type: 'quantitative' as const, scale },
          text: { field: 'value', type: 'quantitative' as const, format: '.3f' },
        },
      },
    ],
  };
}
