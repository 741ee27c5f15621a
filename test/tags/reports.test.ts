import { describe, expect, it } from 'vitest';
import { STARTING_WEIGHTS } from '../../src/behaviour/weights.js';
import { InvalidInputError, NotFoundError } from '../../src/core/errors.js';
import { DAY_MS } from '../../src/core/time.js';
import { createGetTags } from '../../src/tags/getTags.js';
import { NO_OVERRIDES } from '../../src/tags/overrideIndex.js';
import type { MatchReport, TagReport } from '../../src/tags/tagReport.js';
import { type Storefront, shelf, storefronts } from '../ranking/storefront.js';

const aStorefront = storefronts();

const ofUser = (shop: Storefront, userId: string, limit = 50): Promise<TagReport> =>
  shop.app.useCases.getTags({ subject: { kind: 'user', userId }, limit });
const ofShop = (shop: Storefront, shopId: string, limit = 200): Promise<TagReport> =>
  shop.app.useCases.getTags({ subject: { kind: 'shop', shopId }, limit });
const ofProduct = (shop: Storefront, productId: string): Promise<TagReport> =>
  shop.app.useCases.getTags({ subject: { kind: 'product', productId }, limit: 200 });
const match = (shop: Storefront, userId: string, shopId: string, language: 'en' | 'zh' = 'en') =>
  shop.app.useCases.getMatch({ userId, shopId, language });
const weightOf = (report: TagReport, tag: string) => report.tags.find((one) => one.tag === tag)?.weight ?? 0;

describe('tags of people', () => {
  it('T4 T6: say which behaviours each came from, how many and when, in two vectors', async () => {
    const shop = await aStorefront();
    await shop.sells(...shelf('tea', 2));
    await shop.did('ann', 'browse', 'tea-0', { daysAgo: 14 });
    await shop.did('ann', 'purchase', 'tea-0', { daysAgo: 7 });
    const report = await ofUser(shop, 'ann');
    const tea = report.tags.find(({ tag }) => tag === 'category:goods/tea');
    expect(
      tea?.origins.map((origin) => (origin.kind === 'behaviour' ? [origin.type, origin.count] : [])),
    ).toEqual([
      ['purchase', 1],
      ['browse', 1],
    ]);
    const [bought, browsed] = tea?.origins ?? [];
    const now = shop.clock.nowMs();
    expect(bought).toMatchObject({ lastAtMs: now - 7 * DAY_MS });
    expect(bought?.kind === 'behaviour' && bought.weight).toBeCloseTo(8 * 2 ** (-7 / 90), 6);
    // Two half-lives of seven days.
    expect(browsed?.kind === 'behaviour' && browsed.weight).toBeCloseTo(0.25, 6);
    expect(report.shortTermTags.map(({ tag }) => tag)).toContain('category:goods/tea');
    expect(report.asOfMs).toBe(now);
  });

  it('T6: say of one moment what each behaviour has left, and name it', async () => {
    const shop = await aStorefront();
    await shop.sells(...shelf('tea', 2));
    await shop.did('ann', 'purchase', 'tea-0', { daysAgo: 0 });
    const { state, people } = shop.app;
    const readBy = (nowMs: () => number) =>
      createGetTags({
        overrides: NO_OVERRIDES,
        reads: {
          person: async (userId) => ({ person: await people.readPerson(userId), watermark: undefined }),
          items: async () => undefined,
        },
        state,
        weights: STARTING_WEIGHTS,
        clock: { nowMs },
      })({ subject: { kind: 'user', userId: 'ann' }, limit: 50 });
    let runningMs = shop.clock.nowMs();
    const report = await readBy(() => (runningMs += DAY_MS));
    expect(report.tags.length).toBeGreaterThan(1);
    expect(report).toEqual(await readBy(() => report.asOfMs));
  });

  it('T6: a month without a search leaves the intent empty and the taste as it was', async () => {
    const shop = await aStorefront();
    await shop.sells(...shelf('tea', 2));
    await shop.did('ann', 'purchase', 'tea-0');
    shop.clock.stepMs(60 * DAY_MS);
    const report = await ofUser(shop, 'ann');
    expect(report.shortTermTags).toEqual([]);
    expect(report.tags.length).toBeGreaterThan(0);
  });

  it('T6: a person never heard of has none; vectors have length 1; the limit holds', async () => {
    const shop = await aStorefront();
    await shop.sells(...shelf('tea', 2));
    await shop.did('ann', 'purchase', 'tea-0');
    expect(await ofUser(shop, 'nobody')).toMatchObject({ tags: [], shortTermTags: [], clarity: 0 });
    const { tags } = await ofUser(shop, 'ann');
    expect(tags.reduce((sum, { weight }) => sum + weight * weight, 0)).toBeCloseTo(1, 9);
    expect((await ofUser(shop, 'ann', 1)).tags).toEqual(tags.slice(0, 1));
    for (const limit of [0, 201, 1.5]) {
      await expect(ofUser(shop, 'ann', limit)).rejects.toBeInstanceOf(InvalidInputError);
    }
  });
});

describe('tags of products and shops', () => {
  it('T1: a product carries its category, brand, attributes and title, each with its field', async () => {
    const shop = await aStorefront();
    await shop.sells({
      productId: 'dress',
      shopId: 's',
      title: '夏季连衣裙 floral',
      categoryPath: ['clothing', 'dresses'],
      brand: 'Aster',
      attributes: { fabric: 'linen' },
    });
    const { tags } = await ofProduct(shop, 'dress');
    const fields = new Map(
      tags.map(({ tag, origins: [origin] }) => [tag, origin?.kind === 'intrinsic' ? origin.field : '']),
    );
    expect(fields.get('category:clothing/dresses')).toBe('category');
    expect(fields.get('brand:aster')).toBe('brand');
    expect(fields.get('fabric:linen')).toBe('attribute');
    expect(fields.get('title:连衣裙')).toBe('title');
    expect(fields.get('title:floral')).toBe('title');
  });

  it('T2: a shop whose products agree is clearer than one that sells everything', async () => {
    const shop = await aStorefront();
    await shop.sells(...shelf('tea', 8, { attributes: { origin: 'Fujian' } }));
    await shop.sells(
      ...Array.from({ length: 8 }, (_, i) => ({
        ...(shelf(`kind${i}`, 1)[0] as object),
        shopId: 'bazaar',
        attributes: { origin: `place ${i}` },
      })),
    );
    const [clear, blurred] = [await ofShop(shop, 'tea-shop'), await ofShop(shop, 'bazaar')];
    expect(clear.clarity).toBe(1);
    expect(blurred.clarity as number).toBeLessThan(0.5);
    expect(clear.tags[0]?.origins[0]).toMatchObject({ kind: 'products', count: 8 });
  });

  it('T3: a shop whose buyers are mostly 25–29 carries that label, and so do its products', async () => {
    const shop = await aStorefront();
    await shop.sells(...shelf('toy', 1), ...shelf('cane', 1));
    for (let i = 0; i < 40; i++) {
      const isYoung = i % 2 === 0;
      await shop.knows({ userId: `u${i}`, ageBand: isYoung ? '25-29' : '65-69' });
      await shop.did(`u${i}`, 'purchase', isYoung ? 'toy-0' : 'cane-0');
    }
    for (const report of [await ofShop(shop, 'toy-shop'), await ofProduct(shop, 'toy-0')]) {
      const label = report.tags.find(({ tag }) => tag === 'audience:age_band=25-29');
      expect(label?.weight).toBeGreaterThan(0);
      expect(label?.origins[0]).toMatchObject({ kind: 'audience', shareRatio: 1 });
    }
    expect(weightOf(await ofShop(shop, 'cane-shop'), 'audience:age_band=25-29')).toBeLessThanOrEqual(0);
    expect(weightOf(await ofShop(shop, 'cane-shop'), 'audience:age_band=65-69')).toBeGreaterThan(0);
  });

  it('T5: what returning buyers buy labels a shop more than what passers-by buy once', async () => {
    const shop = await aStorefront();
    const both = [
      ...shelf('green', 1, { shopId: 's', attributes: { kind: 'green' } }),
      ...shelf('black', 1, { shopId: 's', attributes: { kind: 'black' } }),
    ];
    await shop.sells(...both);
    // Three orders each way: one person three times, three people once.
    for (const daysAgo of [3, 2, 1]) await shop.did('loyal', 'purchase', 'green-0', { daysAgo });
    for (const daysAgo of [3, 2, 1]) await shop.did(`once-${daysAgo}`, 'purchase', 'black-0', { daysAgo });
    const report = await ofShop(shop, 's');
    expect(weightOf(report, 'kind:green')).toBeGreaterThan(weightOf(report, 'kind:black'));
  });

  it('T3: asking for what nobody described or acted on is an error that says so', async () => {
    const shop = await aStorefront();
    await expect(ofShop(shop, 'ghost')).rejects.toBeInstanceOf(NotFoundError);
    await expect(ofProduct(shop, 'ghost')).rejects.toBeInstanceOf(NotFoundError);
    await expect(ofShop(shop, '')).rejects.toBeInstanceOf(InvalidInputError);
  });
});

describe('how well a shop matches a person', () => {
  async function aTeaTown(): Promise<Storefront> {
    const shop = await aStorefront();
    await shop.sells(...shelf('tea', 4), ...shelf('tool', 4));
    for (let i = 0; i < 40; i++) {
      await shop.knows({ userId: `u${i}`, gender: i % 2 === 0 ? 'female' : 'male' });
      for (const daysAgo of [9, 2]) {
        await shop.did(`u${i}`, 'purchase', i % 2 === 0 ? 'tea-0' : 'tool-0', { daysAgo });
      }
    }
    await shop.did('ann', 'purchase', 'tea-1', { daysAgo: 4 });
    await shop.did('ann', 'purchase', 'tea-2', { daysAgo: 1 });
    return shop;
  }

  it('R5: is a degree from 0 to 1 with the tags that speak for it, adding up to the cosine', async () => {
    const shop = await aTeaTown();
    const [tea, tool] = [await match(shop, 'ann', 'tea-shop'), await match(shop, 'ann', 'tool-shop')];
    expect(tea.degree).toBeGreaterThan(0.5);
    expect(tea.degree).toBeLessThanOrEqual(1);
    expect(tool.degree).toBeLessThan(tea.degree);
    expect(tool.degree).toBeGreaterThanOrEqual(0);
    expect(tea.affinity).toBeGreaterThan(0.4);
    expect(tool.affinity).toBe(0);
    expect(tea.parts[0]?.tag).toBe('category:goods/tea');
    const sum = ({ parts }: MatchReport) =>
      parts.reduce((total, { contribution }) => total + contribution, 0);
    expect(sum(tea)).toBeCloseTo(tea.tagCosine, 9);
  });

  it('R5: gives its reasons in English and in Chinese', async () => {
    const shop = await aTeaTown();
    expect((await match(shop, 'ann', 'tea-shop')).reasons).toEqual([
      'Has ordered here on 2 days',
      expect.stringMatching(/^Shares a taste for .*tea/),
    ]);
    expect((await match(shop, 'ann', 'tea-shop', 'zh')).reasons).toEqual([
      '曾有 2 天在此店下单',
      expect.stringMatching(/^偏好与此店相符：.*tea/),
    ]);
  });

  it('R5: a person of whom only traits are known matches by them alone', async () => {
    const shop = await aTeaTown();
    await shop.knows({ userId: 'eve', gender: 'female' });
    const [tea, tool] = [await match(shop, 'eve', 'tea-shop'), await match(shop, 'eve', 'tool-shop')];
    expect(tea).toMatchObject({ tagCosine: 0, affinity: 0, parts: [] });
    expect(tea.degree).toBeGreaterThan(0);
    expect(tea.reasons).toEqual(["Is like this shop's typical buyers"]);
    expect(tool.degree).toBe(0);
    expect(tool.reasons).toEqual([]);
  });

  it('R5: nothing known is no match and half a fit; a shop must exist', async () => {
    const shop = await aTeaTown();
    expect(await match(shop, 'nobody', 'tea-shop')).toMatchObject({
      degree: 0,
      audienceFit: 0.5,
      reasons: [],
    });
    await expect(match(shop, 'ann', 'ghost')).rejects.toBeInstanceOf(NotFoundError);
    await expect(match(shop, '', 'tea-shop')).rejects.toThrow('user_id');
  });

  it('R5: who only looked has shown interest, and is not said to have ordered', async () => {
    const shop = await aTeaTown();
    await shop.did('looker', 'follow', undefined, { shopId: 'tea-shop' });
    expect((await match(shop, 'looker', 'tea-shop')).reasons).toEqual(['Has shown interest in this shop']);
    expect((await match(shop, 'looker', 'tea-shop', 'zh')).reasons).toEqual(['曾对此店或其商品表现出兴趣']);
  });
});
