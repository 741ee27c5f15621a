import { LEAST_TO_LEARN_FROM, type ModelManifest } from '../inference/manifest.js';
import { FEATURES } from '../ranking/features/index.js';
import { contestSection } from './contestSection.js';
import type { Family } from './families.js';
import type { Contest } from './familyContest.js';

/** What stands beside a model for people: what it is for, what made it, how good it is, its limits. */
export function modelCard(options: {
  manifest: ModelManifest;
  importance: Readonly<Record<string, number>>;
  contest: Contest;
}): string {
  const { manifest } = options;
  const sections = [
    `# Model ${manifest.version}`,
    purpose(),
    data(manifest),
    quality(manifest),
    contestSection(manifest, options.contest),
    features(options.importance, options.contest.chosen),
    limits(),
    again(manifest),
  ];
  return `${sections.join('\n\n')}\n`;
}

function purpose(): string {
  return `## What it is for

It values the candidates of one \`Rank\` request: the higher the raw score, the sooner this person takes
this product. Scores are comparable within one request only. Filters, quality, price fit, fatigue and
the spread over shops and categories come before and after it; it decides none of them.`;
}

function data(manifest: ModelManifest): string {
  const { data: seen } = manifest;
  return `## What it learned from

**${seen.title}**: ${count(seen.behaviours)} behaviours of ${count(seen.users)} people on
${count(seen.products)} products of ${count(seen.shops)} shops, from ${seen.oldest} to ${seen.newest}.
Origin and licence are told by the README of that folder (\`${seen.name}\`).
${kinds(manifest)}

The log was replayed in order of time through the code that serves. People were asked about shortly
before visits that they made; what they took within the horizon after it is graded 2 (bought) or 1 (any
other positive behaviour), beside a sample of what recall proposed and they left. No feature sees what
came later.`;
}

function kinds({ behaviourTypes = {} }: ModelManifest): string {
  const counted = Object.entries(behaviourTypes).map(([type, behaviours]) => `${count(behaviours)} ${type}`);
  return `
By type: ${counted.join(', ')}. Of a type with fewer than ${LEAST_TO_LEARN_FROM} it learned nothing: where such behaviour
says what a person is after, the \`intent\` adjustment of \`Rank\`, set by hand, counts it.`;
}

function quality({ metrics, training }: ModelManifest): string {
  return `## How good it is

Measured on the latest ${count(metrics.heldBackQueries)} queries, which the fit did not learn from (they chose how
long to learn). It is a figure for choosing between models, among the rows of the training matrix;
\`tagrank evaluate\` measures whole lists against baselines, over all products.

| figure | value |
| --- | ---: |
| NDCG@20 among the rows kept | ${metrics.heldBackNdcg20?.toFixed(4)} |
| share of what people took that recall had proposed | ${percent(metrics.recallCeiling)} |
| queries learned from and held back | ${count(training.queries)} |
| rows, of which taken | ${count(training.rows)}, ${count(training.positives)} |
| ${metrics.trees === undefined ? `passes over the queries | ${count(metrics.passes)}` : `trees | ${count(metrics.trees)}`} |`;
}

const IMPORTANCE: Readonly<Record<Family, string>> = {
  trees: 'Importance is the share of the gain of all splits that used the feature.',
  network:
    'Importance is what NDCG@20 loses, on the latest 500 queries, when the column is dealt out anew, as a share of all such losses.',
};

function features(importance: Readonly<Record<string, number>>, family: Family): string {
  const rows = FEATURES.map(({ name, needs, default: fallback }) => ({
    name,
    needs,
    fallback,
    share: importance[name] ?? 0,
  })).sort((a, b) => b.share - a.share || (a.name < b.name ? -1 : 1));
  return [
    '## Features',
    '',
    IMPORTANCE[family],
    '',
    '| feature | needs | when unknown | importance |',
    '| --- | --- | ---: | ---: |',
    ...rows.map(
      ({ name, needs, fallback, share }) => `| ${name} | ${needs} | ${fallback} | ${percent(share)} |`,
    ),
  ].join('\n');
}

function limits(): string {
  return `## Limits

- It repeats the past: what was never shown was never taken, and is valued by its tags and crowd alone.
- It was fitted to one data set. On goods bought in another rhythm, train anew on your own log.
- Traits of people (age band, gender, region, spending level) act through the crowd features. Leave them
  out of what you tell TagRank where they may not be used.
- A score says nothing of whether a person may be written to: that is the touch service's to say.`;
}

function again({ data: seen, training }: ModelManifest): string {
  const until = training.until === undefined ? '' : ` --until ${training.until}`;
  return `## Making it again

\`tagrank train --data <${seen.name}>${until} --seed ${training.seed} --per-user ${training.queriesPerUser} \
--negatives ${training.negativesPerQuery} --max-queries ${training.mostQueries} --family ${familyChoice(training)} \
--serving-budget-ms ${training.servingBudgetMs}\` with ${training.library} gives the same model and manifest, byte for
byte, where the same family is chosen.`;
}

function familyChoice({ family, families: asked }: ModelManifest['training']) {
  return asked === family ? family : 'best';
}

const count = (value: string | number | undefined) => Number(value ?? 0).toLocaleString('en-US');
const percent = (ratio: number | undefined) => `${(100 * (ratio ?? 0)).toFixed(1)} %`;
