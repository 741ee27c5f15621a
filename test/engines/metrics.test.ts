import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { App } from '../../src/app.js';
import { createMetrics, type Metrics } from '../../src/metrics/metrics.js';
import { type Figures, parsePrometheusText } from '../metrics/prometheusText.js';
import { aRankRequest } from '../ranking/storefront.js';
import { missingEngines, startEngines, type TestEngines } from '../support/engines.js';

const missing = missingEngines();
const EVENTS = 20;

describe.skipIf(missing !== undefined)(`the figures of two servers ${missing ?? ''}`, () => {
  let engines: TestEngines;
  let [a, b] = [] as unknown as [Observed, Observed];

  interface Observed {
    readonly app: App;
    figures(): Promise<Figures>;
  }

  async function openObserved(): Promise<Observed> {
    const metrics: Metrics = createMetrics({ nowMs: () => Date.now() });
    const app = await engines.openApp({ observer: metrics });
    return { app, figures: async () => parsePrometheusText(await metrics.text(await app.progress())) };
  }

  /** Tracks, and waits until server and reader agree that it counts. */
  async function track(userId: string): Promise<void> {
    const events = Array.from({ length: EVENTS }, (_, i) => ({
      eventId: `${userId}-${i}`,
      type: 'browse',
      userId,
      shopId: 'kiln',
      occurredAtMs: Date.now() - 60_000,
    }));
    const { watermark } = await a.app.useCases.track(events);
    for (const { app } of [a, b].filter((observed) => observed !== undefined)) {
      const answer = await app.useCases.rank(aRankRequest({ userId, watermark }));
      expect(answer.watermark).toBe('applied');
    }
  }

  beforeAll(async () => {
    engines = await startEngines();
    a = await openObserved();
  }, 120_000);
  afterAll(() => engines?.stop());

  it('show one server alone as the owner of all partitions, each of them built once', () =>
    vi.waitFor(async () => {
      const figures = await a.figures();
      expect(figures.value('tagrank_partitions_owned')).toBe(64);
      expect(figures.value('tagrank_partitions_built_total')).toBe(64);
      expect(figures.value('tagrank_partitions_unready')).toBe(0);
      expect(figures.value('tagrank_log_lag_rows', { side: 'people' })).toBe(0);
    }));

  it('tell how long after the begin of its commit an event was visible, on either side', async () => {
    await track('ann');
    // A reader may be ahead of the projector's own word by a moment.
    const figures = await vi.waitFor(async () => {
      const now = await a.figures();
      expect(now.value('tagrank_freshness_seconds_count', { side: 'people' })).toBe(EVENTS);
      return now;
    });
    for (const side of ['people', 'items']) {
      expect(figures.value('tagrank_freshness_seconds_count', { side })).toBe(EVENTS);
      // One machine, one clock: within tens of milliseconds when it is idle.
      expect(figures.value('tagrank_freshness_seconds_sum', { side })).toBeLessThan(EVENTS * 2);
      expect(figures.value('tagrank_freshness_seconds_sum', { side })).toBeGreaterThan(0);
    }
    expect(figures.value('tagrank_log_lag_rows', { side: 'items' })).toBe(0);
  });

  it('do not take for stale what a start replays', async () => {
    b = await openObserved();
    const count = async () => (await b.figures()).value('tagrank_freshness_seconds_count', { side: 'items' });
    expect(await count()).toBe(0);
    await track('bo');
    expect(await count()).toBe(EVENTS);
  });

  it('count each event once for people, at the server that owns the person', () =>
    vi.waitFor(async () => {
      const both = await Promise.all([a.figures(), b.figures()]);
      const sum = (name: string, labels = {}) =>
        both.reduce((total, figures) => total + (figures.value(name, labels) ?? 0), 0);
      expect(sum('tagrank_freshness_seconds_count', { side: 'people' })).toBe(2 * EVENTS);
      expect(sum('tagrank_partitions_owned')).toBeLessThanOrEqual(64);
    }));

  it('are answered while Redis is dead, without what only Redis knows', async () => {
    await engines.redis.kill9();
    const startMs = performance.now();
    const figures = await a.figures();
    expect(performance.now() - startMs).toBeLessThan(3_000);
    expect(figures.value('tagrank_log_lag_rows', { side: 'people' })).toBeUndefined();
    expect(figures.value('tagrank_partitions_unready')).toBeUndefined();
    expect(figures.value('tagrank_log_lag_rows', { side: 'items' })).toBe(0);
  });
});
