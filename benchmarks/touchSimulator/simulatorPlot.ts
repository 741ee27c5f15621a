import { loader, parse, View } from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';
import { type Contest, FIXED_RATES, meanOf } from './contest.js';

const LEARNED_COLOUR = '#c2410c';
const FIXED_COLOUR = '#7b8794';
const ORACLE_COLOUR = '#1f2933';
const LINES = ['fixed cap', 'fixed cap + good hour'];
const LEVELS = ['learned budget', 'learned budget + good hour', 'oracle'];

/** Net value of fixed caps over their rate, beside the levels that the other policies reach. Needs no canvas. */
export async function simulatorPlot(contest: Contest, title: string): Promise<string> {
  const { spec } = compile(plotSpec(contest, title));
  const view = new View(parse(spec), { renderer: 'none', loader: loader() });
  try {
    return await view.toSVG();
  } finally {
    view.finalize();
  }
}

function plotSpec({ policies, unsubscribeCost }: Contest, title: string): TopLevelSpec {
  const fixed = policies.slice(0, 2 * FIXED_RATES.length).flatMap((policy, i) =>
    policy.nets.map((net) => ({
      net,
      perDay: FIXED_RATES[i % FIXED_RATES.length],
      policy: LINES[Math.floor(i / FIXED_RATES.length)],
    })),
  );
  const levels = policies
    .slice(2 * FIXED_RATES.length)
    .map((policy) => ({ policy: policy.name, net: meanOf(policy.nets), perDay: 1 / 14 }));
  const policy = {
    field: 'policy',
    type: 'nominal' as const,
    title: null,
    scale: {
      domain: [...LINES, ...LEVELS],
      range: [FIXED_COLOUR, FIXED_COLOUR, LEARNED_COLOUR, LEARNED_COLOUR, ORACLE_COLOUR],
    },
    legend: null,
  };
  const dash = {
    ...policy,
    scale: {
      domain: [...LINES, ...LEVELS],
      range: [
        [1, 0],
        [5, 3],
        [1, 0],
        [5, 3],
        [2, 2],
      ],
    },
  };
  const lowest = -12;
  const y = {
    field: 'net',
    type: 'quantitative' as const,
    title: `opens − ${unsubscribeCost} × unsubscribes, per person`,
    scale: { domain: [lowest, 18], nice: false },
  };
  const x = {
    field: 'perDay',
    type: 'quantitative' as const,
    title: 'messages a day that the fixed cap allows',
    scale: { type: 'log' as const, domain: [1 / 15, 2.2], nice: false },
    axis: { values: [...FIXED_RATES], format: '.2f', grid: false },
  };
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    title: {
      text: 'Learned budgets against fixed caps, on synthetic people',
      subtitle: title,
      anchor: 'start',
      fontSize: 15,
      subtitleColor: '#52606d',
      offset: 16,
    },
    background: 'white',
    padding: 16,
    width: 560,
    height: 320,
    layer: [
      {
        data: { values: fixed },
        transform: [{ filter: `datum.net > ${lowest}` }],
        mark: { type: 'point', filled: true, size: 14, opacity: 0.45 },
        encoding: { x, y, color: policy },
      },
      {
        data: { values: fixed },
        mark: { type: 'line', clip: true },
        encoding: { x, y: { ...y, aggregate: 'mean' as const }, color: policy, strokeDash: dash },
      },
      {
        data: { values: levels },
        mark: { type: 'rule', strokeWidth: 2 },
        encoding: { y, color: policy, strokeDash: dash },
      },
      {
        data: { values: levels },
        mark: { type: 'text', align: 'left', dy: -7, fontSize: 11 },
        encoding: { x, y, text: { field: 'policy' }, color: policy },
      },
      {
        data: { values: labelsOf(fixed) },
        mark: { type: 'text', align: 'center', dy: -12, fontSize: 11 },
        encoding: { x, y, text: { field: 'policy' }, color: policy },
      },
    ],
    config: { font: 'Helvetica, Arial, DejaVu Sans, sans-serif', view: { stroke: null } },
  };
}

/** The name of each line, over its highest point. */
function labelsOf(
  points: readonly { policy?: string | undefined; perDay?: number | undefined; net: number }[],
) {
  return LINES.map((line) => {
    const means = FIXED_RATES.map((perDay) => ({
      policy: line,
      perDay,
      net: meanOf(points.filter((p) => p.policy === line && p.perDay === perDay).map(({ net }) => net)),
    }));
    return means.reduce((a, b) => (b.net > a.net ? b : a));
  });
}
