import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { App } from '../../src/app.js';
import { UnavailableError } from '../../src/core/errors.js';
import { aRankRequest } from '../ranking/storefront.js';
import { missingEngines, startEngines, type TestEngines } from '../support/engines.js';

const missing = missingEngines();
/** A page render gives up after about this long: nothing that waits for an engine may take longer. */
const DEADLINE_MS = 1_000;

describe.skipIf(missing !== undefined)(`when an engine is away ${missing ?? ''}`, () => {
  let engines: TestEngines;
  let app: App;

  beforeAll(async () => {
    engines = await startEngines();
    app = await engines.openApp();
    await app.useCases.upsertProducts(
      Array.from({ length: 6 }, (_, i) => ({
        productId: `tea-${i}`,
        shopId: 'tea',
        title: `green tea ${i}`,
        categoryPath: ['drinks', 'tea'],
        inStock: true,
      })),
    );
    const { watermark } = await app.useCases.track([event('ann', 'favourite', 'tea-1')]);
    await app.useCases.rank(aRankRequest({ userId: 'ann', watermark }));
  }, 120_000);
  afterAll(() => engines?.stop());

  let events = 0;
  const event = (userId: string, type: string, productId: string) => ({
    eventId: `d-${++events}`,
    type,
    userId,
    productId,
    occurredAtMs: Date.now() - 60_000,
  });
  const question = { userId: 'ann', channel: 'email', campaignType: 'transactional' };
  const rank = () => app.useCases.rank(aRankRequest({ userId: 'ann' }));
  const reserve = (requestId: string) => app.useCases.touch.reserveTouch({ requestId, question });
  const timed = async (call: Promise<unknown>) => {
    const startMs = performance.now();
    const result = await call.catch((error: unknown) => error);
    return { result, tookMs: performance.now() - startMs };
  };
  const untilFull = () =>
    expect
      .poll(async () => (await rank()).degradationLevel, { timeout: 20_000, interval: 50 })
      .not.toBe('popular');

  async function expectWithoutRedis(): Promise<void> {
    const page = await timed(rank());
    expect(page.tookMs).toBeLessThan(DEADLINE_MS);
    expect(page.result).toMatchObject({
      degradationLevel: 'popular',
      degradationReason: 'user state could not be read',
    });
    expect((page.result as { items: unknown[] }).items.length).toBeGreaterThan(0);
    for (const call of [app.useCases.touch.canTouch(question), reserve('while-away')]) {
      const { result, tookMs } = await timed(call);
      expect(result).toBeInstanceOf(UnavailableError);
      expect(tookMs).toBeLessThan(2 * DEADLINE_MS);
    }
    const tracked = await timed(app.useCases.track([event('ann', 'favourite', 'tea-2')]));
    expect(tracked.result).toMatchObject({ outcomes: [{ status: 'accepted' }] });
    expect(tracked.tookMs).toBeLessThan(2 * DEADLINE_MS);
    const told = await timed(app.useCases.upsertUsers([{ userId: 'ann', timezone: 'Asia/Shanghai' }]));
    expect(told.result).toEqual([{ status: 'accepted' }]);
    expect(told.tookMs).toBeLessThan(4 * DEADLINE_MS);
  }

  async function favouritesOfAnn(): Promise<number> {
    const { tags } = await app.useCases.getTags({ subject: { kind: 'user', userId: 'ann' }, limit: 50 });
    const [origin] = tags.find(({ tag }) => tag === 'category:drinks/tea')?.origins ?? [];
    return origin?.kind === 'behaviour' ? origin.count : 0;
  }

  it('Redis hangs: pages go on at a lower level in time, touches are refused, Track acknowledges', async () => {
    const before = await favouritesOfAnn();
    engines.redis.pause();
    try {
      await expectWithoutRedis();
    } finally {
      engines.redis.resume();
    }
    await untilFull();
    await expect.poll(favouritesOfAnn, { timeout: 10_000 }).toBe(before + 1);
  });

  it('C6: Redis dies and comes back empty: nothing is granted until all is rebuilt from the truth', async () => {
    const before = await favouritesOfAnn();
    const { permit } = await reserve('before');
    await engines.redis.kill9();
    await expectWithoutRedis();
    await engines.redis.restart();
    const early = await timed(app.useCases.touch.canTouch(question));
    if (!(early.result instanceof UnavailableError)) {
      // Rebuilt already, then: with the permit in it.
      expect((await reserve('before')).permit?.permitId).toBe(permit?.permitId);
    }
    await untilFull();
    await expect.poll(favouritesOfAnn, { timeout: 10_000 }).toBe(before + 1);
    const again = await reserve('before');
    expect(again.permit?.permitId).toBe(permit?.permitId);
    expect(again.repeated).toBe(true);
  });

  it('PostgreSQL hangs: pages and questions go on, Track and permits are refused, nothing is half done', async () => {
    const before = await favouritesOfAnn();
    engines.postgres.pause();
    try {
      const page = await timed(rank());
      expect(page.tookMs).toBeLessThan(DEADLINE_MS);
      expect(page.result).not.toMatchObject({ degradationLevel: 'popular' });
      expect(await app.useCases.touch.canTouch(question)).toMatchObject({ kind: 'allow' });
      const tracked = await timed(app.useCases.track([event('ann', 'favourite', 'tea-3')]));
      expect(tracked.result).toBeInstanceOf(UnavailableError);
      expect(tracked.tookMs).toBeLessThan(5_000);
      const reserved = await timed(reserve('no-ledger'));
      expect(reserved.result).toBeInstanceOf(UnavailableError);
    } finally {
      engines.postgres.resume();
    }
    await expect
      .poll(async () => (await timed(app.useCases.track([event('bo', 'favourite', 'tea-3')]))).result, {
        timeout: 20_000,
      })
      .toMatchObject({ outcomes: [{ status: 'accepted' }] });
    // The refused event may have been committed all the same (its answer was lost), never twice.
    expect([before, before + 1]).toContain(await favouritesOfAnn());
  });

  it('PostgreSQL dies and comes back: what was acknowledged is there, and Track goes on', async () => {
    const { watermark } = await app.useCases.track([event('cy', 'purchase', 'tea-4')]);
    await engines.postgres.kill9();
    expect((await rank()).items.length).toBeGreaterThan(0);
    await expect(app.useCases.track([event('cy', 'purchase', 'tea-4')])).rejects.toThrow(UnavailableError);
    await engines.postgres.restart();
    await expect
      .poll(async () => (await timed(app.useCases.track([event('cy', 'browse', 'tea-4')]))).result, {
        timeout: 20_000,
      })
      .toMatchObject({ outcomes: [{ status: 'accepted' }] });
    await expect
      .poll(
        async () => {
          const answer = await app.useCases.getTags({
            subject: { kind: 'user', userId: 'cy' },
            limit: 50,
            watermark,
          });
          return answer.tags.length;
        },
        { timeout: 10_000 },
      )
      .toBeGreaterThan(0);
  });
});
