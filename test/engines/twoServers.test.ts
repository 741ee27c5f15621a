import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { App } from '../../src/app.js';
import { aRankRequest } from '../ranking/storefront.js';
import { missingEngines, startEngines, type TestEngines } from '../support/engines.js';

const missing = missingEngines();

describe.skipIf(missing !== undefined)(`two servers on one PostgreSQL and one Redis ${missing ?? ''}`, () => {
  let engines: TestEngines;
  let [a, b] = [] as unknown as [App, App];

  beforeAll(async () => {
    engines = await startEngines();
    a = await engines.openApp();
    b = await engines.openApp();
    await a.useCases.upsertShops([{ shopId: 'kiln', name: 'Kiln' }]);
    await a.useCases.upsertProducts(
      ['mug', 'bowl', 'vase', 'pan'].map((productId, i) => ({
        productId,
        shopId: i < 3 ? 'kiln' : 'forge',
        title: i < 3 ? `stoneware ${productId}` : 'iron pan',
        categoryPath: ['kitchen', i < 3 ? 'pottery' : 'iron'],
        priceMinor: 1_000 + i,
        currency: 'EUR',
        inStock: true,
      })),
    );
    await a.useCases.upsertUsers([{ userId: 'ann', ageBand: '25-29', timezone: 'Asia/Shanghai' }]);
  }, 120_000);
  afterAll(() => engines?.stop());

  let events = 0;
  const event = (userId: string, type: string, productId: string) => ({
    eventId: `e-${++events}`,
    type,
    userId,
    productId,
    occurredAtMs: Date.now() - 60_000,
  });

  it('T6: what one server acknowledged, the other ranks by, once its watermark is reached', async () => {
    const { outcomes, watermark } = await a.useCases.track([
      event('ann', 'favourite', 'mug'),
      event('ann', 'browse', 'bowl'),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(['accepted', 'accepted']);
    const answer = await b.useCases.rank(
      aRankRequest({ userId: 'ann', candidateIds: ['pan', 'vase'], watermark }),
    );
    expect(answer.watermark).toBe('applied');
    expect(answer.items.map(({ productId }) => productId)).toEqual(['vase', 'pan']);
    expect(answer.items[0]?.reasons.map(({ code }) => code)).toContain('tag_match');
    const tags = await b.useCases.getTags({ subject: { kind: 'user', userId: 'ann' }, limit: 20, watermark });
    expect(tags.watermark).toBe('applied');
    expect(tags.tags.map(({ tag }) => tag)).toContain('category:kitchen/pottery');
  });

  it('gives up on a watermark that nobody gave, and says so', async () => {
    const answer = await b.useCases.rank(aRankRequest({ userId: 'ann', watermark: '999999999' }));
    expect(answer.watermark).toBe('gave_up');
    await expect(b.useCases.rank(aRankRequest({ watermark: 'yesterday' }))).rejects.toThrow(/watermark/);
  });

  it('answers a retry at the other server with duplicate, and counts it once', async () => {
    const bought = event('bo', 'purchase', 'pan');
    const first = await a.useCases.track([bought]);
    const again = await b.useCases.track([bought]);
    expect(again.outcomes).toEqual([{ status: 'duplicate' }]);
    expect(again.watermark).toBe(first.watermark);
    const { tags } = await b.useCases.getTags({
      subject: { kind: 'user', userId: 'bo' },
      limit: 50,
      watermark: again.watermark,
    });
    const iron = tags.find(({ tag }) => tag === 'category:kitchen/iron');
    expect(iron?.origins).toMatchObject([{ kind: 'behaviour', type: 'purchase', count: 1 }]);
  });

  it('C6: a permit of one server counts at the other, and its commit may come from there', async () => {
    const question = { userId: 'cy', channel: 'push', campaignType: 'transactional' };
    const { permit } = await a.useCases.touch.reserveTouch({ requestId: 'r-1', question });
    const repeat = await b.useCases.touch.reserveTouch({ requestId: 'r-1', question });
    expect(repeat.permit?.permitId).toBe(permit?.permitId);
    expect(repeat.repeated).toBe(true);
    const committed = await b.useCases.touch.commitTouch({ permitId: permit?.permitId ?? '' });
    expect(committed.repeated).toBe(false);
    expect((await a.useCases.touch.commitTouch({ permitId: permit?.permitId ?? '' })).repeated).toBe(true);
  });

  it('keeps every served list in the truth, by its rank id', async () => {
    const { rankId, items } = await a.useCases.rank(aRankRequest({ userId: 'ann', scene: 'cart' }));
    await expect
      .poll(() => b.truth.servedListStore.get(rankId), { timeout: 5_000 })
      .toMatchObject({
        userId: 'ann',
        scene: 'cart',
        items: items.map(({ productId, score }) => ({ productId, score })),
      });
  });

  it('T1: logs a behaviour with the tags of a product that the other server was told of a moment ago', async () => {
    const urn = {
      productId: 'urn',
      shopId: 'kiln',
      title: 'urn',
      categoryPath: ['garden', 'urns'],
      inStock: true,
    };
    await b.useCases.upsertProducts([urn]);
    const { watermark } = await a.useCases.track([event('dee', 'favourite', 'urn')]);
    for (const { useCases } of [a, b]) {
      const subject = { kind: 'user', userId: 'dee' } as const;
      const { tags } = await useCases.getTags({ subject, limit: 20, watermark });
      expect(tags.map(({ tag }) => tag)).toContain('category:garden/urns');
    }
  });

  it('C6: a policy set at one server decides at the other within a second', async () => {
    const inForce = a.useCases.touch.policy();
    const noPush = {
      id: 'no_push',
      scope: ['user'] as const,
      channels: ['push'] as const,
      window: { kind: 'calendar', unit: 'day' } as const,
      cap: 0,
      ceiling: true,
      shadow: false,
    };
    const version = await a.useCases.touch.setPolicy({ ...inForce, caps: [...inForce.caps, noPush] });
    await expect
      .poll(() => b.useCases.touch.canTouch({ userId: 'eve', channel: 'push' }), {
        interval: 20,
        timeout: 5_000,
      })
      .toMatchObject({ kind: 'deny', ruleId: 'no_push', policyVersion: version });
    await expect(b.useCases.touch.setPolicy(inForce)).rejects.toThrow(/version/);
    await b.useCases.touch.setPolicy({ ...inForce, version });
  });

  it('sees a product that the other server was told of', async () => {
    await b.useCases.upsertProducts([
      { productId: 'jug', shopId: 'kiln', title: 'jug', categoryPath: ['kitchen', 'pottery'], inStock: true },
    ]);
    await expect
      .poll(async () => (await a.useCases.rank(aRankRequest({ candidateIds: ['jug'] }))).items.length)
      .toBe(1);
  });
});
