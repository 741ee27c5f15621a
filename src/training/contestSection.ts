import type { Estimate } from '../evaluation/bootstrap.js';
import { thisMachine } from '../evaluation/machine.js';
import type { ModelManifest } from '../inference/manifest.js';
import type { Family } from './families.js';
import type { Contest, ContestFigures } from './familyContest.js';
import { SERVING_ROWS } from './servingCost.js';

const FAMILY_NAMES: Readonly<Record<Family, string>> = {
  trees: 'trees (LambdaMART)',
  network: 'network (click, cart, purchase)',
};

/** How the families compared, and why this one is shipped. */
export function contestSection(
  { featureNames }: ModelManifest,
  { chosen, budgetMs, figures }: Contest,
): string {
  const { cpu } = thisMachine();
  const isWithin = ({ servingMs }: ContestFigures) => servingMs <= budgetMs;
  const others = figures.length > 1 ? '' : ' No other family was asked for.';
  const none = figures.some(isWithin) ? '' : ' **None served within it**, so that this is the cheapest.';
  const rows = figures.map((each) =>
    [
      '',
      `${FAMILY_NAMES[each.family]}${each.family === chosen ? ', **shipped**' : ''}`,
      each.heldBackNdcg20.toFixed(4),
      each.chosenIsAheadBy === undefined ? '' : interval(each.chosenIsAheadBy),
      `${each.servingMs.toFixed(2)} ms`,
      isWithin(each) ? 'yes' : 'no',
      '',
    ]
      .join(' | ')
      .trim(),
  );
  return [
    '## Quality against what serving costs',
    '',
    `Trees are shipped if they score ${SERVING_ROWS} rows within ${budgetMs} ms, unless a network that does has a higher NDCG@20 on the`,
    `same held-back queries beyond noise; where neither does, the cheaper.${others}${none}`,
    '',
    '| family | NDCG@20 | the shipped one is ahead by (95 %) | serving | within the budget |',
    '| --- | ---: | --- | ---: | --- |',
    ...rows,
    '',
    `Serving: scoring ${SERVING_ROWS} rows of ${featureNames.length} features on one thread, both in turns, the tenth percentile of many rounds (${cpu}).`,
  ].join('\n');
}

function interval({ mean, low, high }: Estimate): string {
  const signed = (value: number) => `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(4)}`;
  return `${signed(mean)} (${signed(low)} to ${signed(high)})`;
}
