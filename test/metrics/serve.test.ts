import { describe, expect, it } from 'vitest';
import { startServe } from '../e2e/serveProcess.js';
import { tempDir } from '../support/tempDir.js';
import { parsePrometheusText } from './prometheusText.js';

describe('tagrank serve', () => {
  it('names the address of its figures when it listens, counts, and ends in order', async () => {
    const server = await startServe({
      TAGRANK_DATA_DIR: tempDir(),
      TAGRANK_METRICS_LISTEN: '127.0.0.1:0',
    });
    const listening = server.log.find(({ msg }) => msg === 'listening');
    expect(listening?.metricsAddress).toMatch(/^127\.0\.0\.1:[1-9]\d+$/);
    await server.client.rank({ userId: 'u1' });
    const answer = await fetch(`http://${listening?.metricsAddress}/metrics`);
    const figures = parsePrometheusText(await answer.text());
    expect(figures.value('tagrank_ranks_total', { level: 'full' })).toBe(1);
    expect(figures.value('tagrank_log_lag_rows', { side: 'people' })).toBe(0);
    expect(await server.end('SIGTERM')).toEqual({ code: 0, signal: null });
  });
});
