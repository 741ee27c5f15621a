import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type App, createApp } from '../../src/app.js';
import { createLogger } from '../../src/logger.js';
import { createMetrics } from '../../src/metrics/metrics.js';
import { type MetricsEndpoint, serveMetrics } from '../../src/metrics/metricsEndpoint.js';
import { createClient, type TagRankClient, toTimestamp } from '../../src/server/client.js';
import { createServer, type TagRankServer } from '../../src/server/createServer.js';
import { type Figures, parsePrometheusText } from './prometheusText.js';

/** The whole of embedded mode, asked over gRPC, its figures read over HTTP. */
describe('the figures of an app', () => {
  let app: App;
  let server: TagRankServer;
  let endpoint: MetricsEndpoint;
  let client: TagRankClient;
  const noon = { nowMs: Date.UTC(2025, 5, 1, 12) };

  beforeAll(async () => {
    const logger = createLogger({ level: 'silent' });
    const clock = { nowMs: () => noon.nowMs };
    const metrics = createMetrics(clock);
    app = await createApp({
      dataDir: 'memory',
      maxCandidates: 2_000,
      clock,
      log: logger,
      observer: metrics,
    });
    server = createServer({ useCases: metrics.measure(app.useCases), logger, onCall: metrics.onCall });
    client = createClient(await server.start('127.0.0.1:0'));
    endpoint = await serveMetrics('127.0.0.1:0', {
      contentType: metrics.contentType,
      text: async () => metrics.text(await app.progress()),
    });
  });

  afterAll(async () => {
    client?.close();
    await endpoint?.stop();
    await server?.stop();
    await app?.close();
  });

  async function look(): Promise<Figures> {
    const response = await fetch(`http://${endpoint.address}/metrics`);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
    return parsePrometheusText(await response.text());
  }

  const anEvent = (eventId: string) => ({
    eventId,
    type: 3,
    userId: 'u1',
    productId: 'p1',
    occurredAt: toTimestamp(noon.nowMs - 1_000),
  });

  it('are 0 before anything was asked, and there all the same', async () => {
    const figures = await look();
    expect(figures.value('tagrank_touch_overshoot_total')).toBe(0);
    expect(figures.value('tagrank_touch_late_commits_total')).toBe(0);
    expect(figures.value('tagrank_touch_taken_commits_total')).toBe(0);
    expect(figures.value('tagrank_tracked_events_total', { outcome: 'rejected' })).toBe(0);
    expect(figures.value('tagrank_ranks_total', { level: 'full' })).toBe(0);
    expect(figures.value('tagrank_partitions_built_total')).toBe(0);
    expect(figures.value('tagrank_freshness_seconds_count', { side: 'items' })).toBe(0);
  });

  it('count calls by method and status, with their durations', async () => {
    await client.getTags({ subject: { $case: 'userId', value: 'u1' } });
    await expect(client.getShop({ shopId: 'no-such' })).rejects.toThrow();
    const figures = await look();
    const tags = { method: 'tagrank.v1.TagService/GetTags', status: 'OK' };
    expect(figures.value('tagrank_call_duration_seconds_count', tags)).toBe(1);
    expect(figures.value('tagrank_call_duration_seconds_bucket', { ...tags, le: '+Inf' })).toBe(1);
    expect(figures.value('tagrank_call_duration_seconds_sum', tags)).toBeLessThan(10);
    const shop = { method: 'tagrank.v1.CatalogService/GetShop', status: 'NOT_FOUND' };
    expect(figures.value('tagrank_call_duration_seconds_count', shop)).toBe(1);
  });

  it('count events by what became of them, and how far the log is applied', async () => {
    await client.track({ events: [anEvent('e1'), anEvent('e2'), { ...anEvent('e3'), userId: '' }] });
    await client.track({ events: [anEvent('e2')] });
    const figures = await look();
    const outcome = (name: string) => figures.value('tagrank_tracked_events_total', { outcome: name });
    expect([outcome('accepted'), outcome('duplicate'), outcome('rejected')]).toEqual([2, 1, 1]);
    expect(figures.value('tagrank_log_lag_rows', { side: 'people' })).toBe(0);
    expect(figures.value('tagrank_log_lag_rows', { side: 'items' })).toBe(0);
    expect(figures.value('tagrank_partitions_owned')).toBe(64);
    expect(figures.value('tagrank_partitions_unready')).toBe(0);
  });

  it('count ranks by degradation level', async () => {
    await client.rank({ userId: 'u1', pageSize: 3 });
    const figures = await look();
    expect(figures.value('tagrank_ranks_total', { level: 'no_model' })).toBe(1);
    expect(figures.value('tagrank_ranks_total', { level: 'full' })).toBe(0);
  });

  it('count decisions of touch, what is committed late, and no overshoot', async () => {
    const question = { userId: 'u1', channel: 8, campaignType: 'routine', shopId: 's1' };
    const reserve = (requestId: string) => client.reserveTouch({ requestId, question, ttlMs: 1_000n });
    await client.canTouch({ question });
    const permits = [(await reserve('r1')).permit, (await reserve('r2')).permit];
    await reserve('r2');
    await reserve('r3');
    // The first runs out, another takes its slot, and then it turns out to have been sent.
    await client.commitTouch({ permitId: permits[1]?.permitId });
    noon.nowMs += 60_000;
    await client.commitTouch({ permitId: (await reserve('r4')).permit?.permitId });
    await client.commitTouch({ permitId: permits[0]?.permitId });
    await client.commitTouch({ permitId: permits[0]?.permitId });
    await client.canTouch({ question });

    const figures = await look();
    const decided = (call: string, kind: string) =>
      figures.samples
        .filter(
          ({ name, labels }) =>
            name === 'tagrank_touch_decisions_total' && labels.call === call && labels.kind === kind,
        )
        .reduce((sum, { value }) => sum + value, 0);
    expect(decided('can_touch', 'allow')).toBe(1);
    expect(decided('can_touch', 'delay')).toBe(1);
    // A repeat of r2 is no decision of its own.
    expect(decided('reserve_touch', 'allow')).toBe(3);
    expect(decided('reserve_touch', 'delay')).toBe(1);
    expect(figures.value('tagrank_touch_late_commits_total')).toBe(1);
    expect(figures.value('tagrank_touch_overshoot_total')).toBe(0);
  });

  it('C4: count what was sent though it was taken, and no overshoot by it', async () => {
    const question = { userId: 'u2', channel: 8, campaignType: 'routine', shopId: 's1' };
    const reserve = async (requestId: string, priority: number) =>
      (await client.reserveTouch({ requestId, question: { ...question, priority } })).permit?.permitId;
    const permits = [await reserve('t1', 0), await reserve('t2', 0), await reserve('t3', 60)];
    for (const permitId of [...permits, ...permits]) await client.commitTouch({ permitId });
    await client.canTouch({ question });

    const figures = await look();
    expect(figures.value('tagrank_touch_taken_commits_total')).toBe(1);
    expect(figures.value('tagrank_touch_overshoot_total')).toBe(0);
    const labels = { call: 'reserve_touch', kind: 'allow', reason: 'takes_reservation' };
    expect(figures.value('tagrank_touch_decisions_total', labels)).toBe(1);
  });

  it('hold those of the process and its event loop, under names with units', async () => {
    const figures = await look();
    expect(figures.value('process_resident_memory_bytes')).toBeGreaterThan(1e6);
    expect(figures.value('nodejs_eventloop_lag_p99_seconds')).toBeGreaterThanOrEqual(0);
    for (const [name, type] of figures.types) {
      if (!name.startsWith('tagrank_')) continue;
      const unit =
        type === 'counter'
          ? /_total$/
          : type === 'histogram'
            ? /_(seconds|ratio)$/
            : /_(rows|owned|unready|ratio)$/;
      expect(name).toMatch(unit);
    }
  });

  it('are at /metrics and nowhere else, to be read only', async () => {
    expect((await fetch(`http://${endpoint.address}/`)).status).toBe(404);
    expect((await fetch(`http://${endpoint.address}/metrics`, { method: 'POST' })).status).toBe(405);
  });
});

describe('the endpoint of the figures', () => {
  it('says with 500 that they cannot be read, and goes on', async () => {
    let broken = true;
    const endpoint = await serveMetrics('127.0.0.1:0', {
      contentType: 'text/plain',
      text: () => (broken ? Promise.reject(new Error('secret')) : Promise.resolve('ok 1\n')),
    });
    const answer = await fetch(`http://${endpoint.address}/metrics`);
    expect(answer.status).toBe(500);
    expect(await answer.text()).not.toContain('secret');
    broken = false;
    expect(await (await fetch(`http://${endpoint.address}/metrics`)).text()).toBe('ok 1\n');
    await endpoint.stop();
  });

  it('refuses an address that is taken', async () => {
    const page = { contentType: 'text/plain', text: async () => '' };
    const endpoint = await serveMetrics('127.0.0.1:0', page);
    await expect(serveMetrics(endpoint.address, page)).rejects.toThrow('EADDRINUSE');
    await endpoint.stop();
  });
});

describe('figures of the projection', () => {
  it('tell freshness from the begin of the transaction, and never a negative one', async () => {
    const metrics = createMetrics({ nowMs: () => 10_000 });
    const behaviour = { eventId: 'e', type: 'browse', userId: 'u', occurredAtMs: 0, quantity: 1 } as const;
    const context = { productRevision: 0, traits: {} };
    const row = (loggedAtMs?: number) => ({ behaviour, context, seq: 1, loggedAtMs });
    metrics.onVisible('people', [row(9_970), row(10_005), row(undefined)]);
    metrics.onBuilt(3);
    const figures = parsePrometheusText(await metrics.text({ itemsSeq: 0, partitionsOwned: 2 }));
    expect(figures.value('tagrank_freshness_seconds_count', { side: 'people' })).toBe(2);
    expect(figures.value('tagrank_freshness_seconds_sum', { side: 'people' })).toBeCloseTo(0.03);
    expect(figures.value('tagrank_freshness_seconds_bucket', { side: 'people', le: '0.025' })).toBe(1);
    expect(figures.value('tagrank_partitions_built_total')).toBe(3);
    expect(figures.value('tagrank_partitions_owned')).toBe(2);
  });

  it('leave out what cannot be read now', async () => {
    const metrics = createMetrics({ nowMs: () => 0 });
    const known = { lastSeq: 9, peopleSeq: 4, itemsSeq: 8, partitionsOwned: 1, partitionsUnready: 5 };
    const before = parsePrometheusText(await metrics.text(known));
    expect(before.value('tagrank_log_lag_rows', { side: 'people' })).toBe(5);
    expect(before.value('tagrank_log_lag_rows', { side: 'items' })).toBe(1);
    expect(before.value('tagrank_partitions_unready')).toBe(5);
    const after = parsePrometheusText(await metrics.text({ itemsSeq: 8, partitionsOwned: 1 }));
    expect(after.value('tagrank_log_lag_rows')).toBeUndefined();
    expect(after.value('tagrank_partitions_unready')).toBeUndefined();
  });
});
