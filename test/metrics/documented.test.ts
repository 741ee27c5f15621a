import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { SETTINGS } from '../../src/config.js';
import { createMetrics } from '../../src/metrics/metrics.js';
import { parsePrometheusText } from './prometheusText.js';

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

describe('what an operator is told', () => {
  it('lists every figure of TagRank in the README, with its labels', async () => {
    const metrics = createMetrics({ nowMs: () => 0 });
    metrics.onCall({ method: '/m', status: 'OK', durationMs: 1 });
    metrics.onDegraded('model');
    const progress = { lastSeq: 0, peopleSeq: 0, itemsSeq: 0, partitionsOwned: 0, partitionsUnready: 0 };
    const { types, samples } = parsePrometheusText(await metrics.text(progress));
    const ours = [...types.keys()].filter((name) => name.startsWith('tagrank_'));
    const rows = [...read('README.md').matchAll(/^\| `(tagrank_\w+)` \| ([^|]+) \|/gm)];
    expect(rows.map(([, name]) => name).sort()).toEqual(ours.sort());
    for (const [, name, labels] of rows) {
      const sample = samples.find((each) => each.name === name || each.name === `${name}_count`);
      if (sample === undefined) continue;
      const documented = labels === '–' ? [] : labels?.split(', ');
      expect(Object.keys(sample.labels), name).toEqual(documented);
    }
  });

  it.each(['compose.yaml', 'Dockerfile', 'docker/healthcheck.mjs'])(
    'sets what there is to set in %s',
    (path) => {
      const names = Object.values(SETTINGS).map(({ name }): string => name);
      for (const [name] of read(path).matchAll(/TAGRANK_[A-Z_]+/g)) expect(names).toContain(name);
    },
  );

  it('opens no port of compose.yaml to other machines', () => {
    const published = [...read('compose.yaml').matchAll(/^ {6}- (.*\d+:\d+)$/gm)].map(([, port]) => port);
    expect(published).toEqual(['127.0.0.1:50051:50051', '127.0.0.1:9464:9464']);
  });
});
