import { describe, expect, it } from 'vitest';
import { FailedPreconditionError, InvalidInputError } from '../../src/core/errors.js';
import { norm } from '../../src/core/vectors.js';
import type { TagReport, TagSubject } from '../../src/tags/tagReport.js';
import type { RawOverride } from '../../src/tags/validateOverrides.js';
import { itemOf, type Storefront, shelf, storefronts } from '../ranking/storefront.js';

const aStorefront = storefronts();

const user = (userId: string): TagSubject => ({ kind: 'user', userId });
const product = (productId: string): TagSubject => ({ kind: 'product', productId });
const shopSubject = (shopId: string): TagSubject => ({ kind: 'shop', shopId });

const lock = (subject: TagSubject, tag: string, weight: number): RawOverride => ({
  subject,
  tag,
  action: 'lock',
  weight,
});
const add = (subject: TagSubject, tag: string, weight: number): RawOverride => ({
  subject,
  tag,
  action: 'add',
  weight,
});
const veto = (subject: TagSubject, tag: string): RawOverride => ({ subject, tag, action: 'veto', weight: 0 });

const says = (shop: Storefront, ...overrides: RawOverride[]) =>
  shop.app.useCases.tagOverrides.set({ overrides, setBy: 'olga' });
const deletes = (shop: Storefront, ...overrides: { subject: TagSubject; tag: string }[]) =>
  shop.app.useCases.tagOverrides.delete({ overrides, setBy: 'olga' });
const tagsOf = (shop: Storefront, subject: TagSubject): Promise<TagReport> =>
  shop.app.useCases.getTags({ subject, limit: 200 });
const weightOf = (report: TagReport, tag: string) => report.tags.find((one) => one.tag === tag)?.weight;

/** A shop of tea and one of tools; ann bought tea and looked at it a moment ago. */
async function aTown(): Promise<Storefront> {
  const shop = await aStorefront();
  await shop.sells(
    ...shelf('tea', 4, { attributes: { origin: 'fujian' } }),
    ...shelf('tool', 4, { attributes: { material: 'steel' } }),
  );
  await shop.did('ann', 'purchase', 'tea-0', { daysAgo: 10 });
  await shop.did('ann', 'browse', 'tea-1');
  return shop;
}

describe('overrides of a person', () => {
  it('lock a tag at exactly its weight in taste, whatever the person does, and say so', async () => {
    const shop = await aTown();
    await says(shop, lock(user('ann'), 'Origin: Fujian', 0.1), lock(user('ann'), 'material:steel', -0.5));
    await shop.did('ann', 'purchase', 'tea-2');
    const report = await tagsOf(shop, user('ann'));
    expect(weightOf(report, 'origin:fujian')).toBe(0.1);
    expect(weightOf(report, 'material:steel')).toBe(-0.5);
    expect(norm(new Map(report.tags.map(({ tag, weight }) => [tag, weight])))).toBeCloseTo(1, 9);
    const locked = report.tags.find(({ tag }) => tag === 'origin:fujian');
    expect(locked?.override).toMatchObject({ word: { action: 'lock', weight: 0.1 }, setBy: 'olga' });
    expect(locked?.origins.map((origin) => origin.kind)).toContain('behaviour');
    expect(report.shortTermTags.map(({ tag }) => tag)).not.toContain('origin:fujian');
    expect(report.tags.find(({ tag }) => tag === 'category:goods/tea')?.override).toBeUndefined();
  });

  it('add a tag with at least its weight, and say nothing where more was learned', async () => {
    const shop = await aTown();
    const learned = weightOf(await tagsOf(shop, user('ann')), 'category:goods/tea') as number;
    await says(
      shop,
      add(user('ann'), 'category:goods/tea', learned / 2),
      add(user('ann'), 'scene:sea', 0.05),
    );
    const report = await tagsOf(shop, user('ann'));
    const tea = report.tags.find(({ tag }) => tag === 'category:goods/tea');
    expect(tea?.weight).toBeCloseTo(learned * Math.sqrt(1 - 0.05 ** 2), 9);
    expect(tea?.override).toBeUndefined();
    expect(report.tags.find(({ tag }) => tag === 'scene:sea')).toMatchObject({
      weight: 0.05,
      origins: [],
      override: { word: { action: 'add' } },
    });
  });

  it('veto a tag in both vectors and in every reason, and list it apart', async () => {
    const shop = await aTown();
    const before = await shop.asks('ann', { candidateIds: ['tea-3', 'tool-0'] });
    expect(itemOf(before, 'tea-3').reasons.find(({ code }) => code === 'tag_match')?.text).toMatch(/fujian/);
    await says(shop, veto(user('ann'), 'origin:fujian'));
    const report = await tagsOf(shop, user('ann'));
    for (const tags of [report.tags, report.shortTermTags]) {
      expect(tags.map(({ tag }) => tag)).not.toContain('origin:fujian');
    }
    expect(report.vetoed).toMatchObject([{ tag: 'origin:fujian', word: { action: 'veto' } }]);
    const after = await shop.asks('ann', { candidateIds: ['tea-3', 'tool-0'] });
    const texts = after.items.flatMap(({ reasons }) => reasons.map(({ text }) => text));
    expect(texts.join()).not.toMatch(/fujian/);
    const matched = (await shop.app.useCases.getMatch({ userId: 'ann', shopId: 'tea-shop', language: 'en' }))
      .parts;
    expect(matched.length).toBeGreaterThan(0);
    expect(matched.map(({ tag }) => tag)).not.toContain('origin:fujian');
  });

  it('R2 R5: move the list and the match at once, of somebody new as well, and leave nothing when deleted', async () => {
    const shop = await aTown();
    const candidateIds = ['tea-2', 'tool-2'];
    const match = async (userId: string) =>
      (await shop.app.useCases.getMatch({ userId, shopId: 'tool-shop', language: 'en' })).tagCosine;
    const toolOver = async (userId: string): Promise<number> => {
      const answer = await shop.asks(userId, { candidateIds });
      return itemOf(answer, 'tool-2').relevance / itemOf(answer, 'tea-2').relevance;
    };
    const [before, learned] = [await tagsOf(shop, user('ann')), await match('ann')];
    for (const userId of ['ann', 'nobody']) {
      const wasOver = await toolOver(userId);
      await says(shop, lock(user(userId), 'category:goods/tool', 0.9));
      expect(await toolOver(userId)).toBeGreaterThan(1.2 * wasOver);
      expect(await match(userId)).toBeGreaterThan(0.3);
    }
    expect(await shop.list('nobody', { candidateIds })).toEqual(['tool-2', 'tea-2']);
    expect((await tagsOf(shop, user('nobody'))).tags).toMatchObject([{ weight: 0.9 }]);
    await deletes(shop, { subject: user('ann'), tag: 'category:goods/tool' });
    expect(await tagsOf(shop, user('ann'))).toEqual(before);
    expect(await match('ann')).toBe(learned);
  });

  it('T7: hold under every id of the person, and of two ids the word said last', async () => {
    const shop = await aTown();
    await shop.app.useCases.linkIdentity({ userId: 'ann', identity: { value: 'ann-wx' } });
    const both = async () =>
      Promise.all(
        ['ann', 'ann-wx'].map(async (id) => weightOf(await tagsOf(shop, user(id)), 'origin:fujian')),
      );
    await says(shop, lock(user('ann'), 'origin:fujian', 0.2));
    expect(await both()).toEqual([0.2, 0.2]);
    await says(shop, lock(user('ann-wx'), 'origin:fujian', 0.3));
    expect(await both()).toEqual([0.3, 0.3]);
    await says(shop, lock(user('ann'), 'origin:fujian', 0.4));
    expect(await both()).toEqual([0.4, 0.4]);
    await deletes(shop, { subject: user('ann'), tag: 'origin:fujian' });
    expect(await both()).toEqual([0.3, 0.3]);
    expect((await shop.list('ann-wx', { candidateIds: ['tea-2'] })).length).toBe(1);
    await shop.app.useCases.unlinkIdentity('ann-wx');
    expect(await both()).toEqual([expect.any(Number), 0.3]);
    expect((await both())[0]).not.toBe(0.3);
  });
});

describe('overrides of products and shops', () => {
  it('T1: give a product the tags that a person likes, and take away those that it should not have', async () => {
    const shop = await aTown();
    const candidateIds = ['tool-0', 'tool-1'];
    await says(
      shop,
      add(product('tool-1'), 'origin:fujian', 0.7),
      lock(product('tool-1'), 'category:goods/tool', 0.1),
      veto(product('tool-1'), 'material:steel'),
    );
    const report = await tagsOf(shop, product('tool-1'));
    expect(report.tags.find(({ tag }) => tag === 'origin:fujian')).toMatchObject({
      origins: [],
      override: { word: { action: 'add', weight: 0.7 } },
    });
    expect(report.tags.find(({ tag }) => tag === 'category:goods/tool')).toMatchObject({
      origins: [{ kind: 'intrinsic', weight: 1 }],
      override: { word: { action: 'lock', weight: 0.1 } },
    });
    expect(report.vetoed.map(({ tag }) => tag)).toEqual(['material:steel']);
    expect(weightOf(report, 'material:steel')).toBeUndefined();
    const answer = await shop.asks('ann', { candidateIds });
    expect(answer.items.map(({ productId }) => productId)).toEqual(['tool-1', 'tool-0']);
    expect(
      itemOf(answer, 'tool-1')
        .reasons.map(({ text }) => text)
        .join(),
    ).toMatch(/fujian/);
  });

  it('R3: bring a product to those who like the tag, by the inverted list, and take another from it, at once', async () => {
    const shop = await aTown();
    await says(shop, lock(user('eve'), 'scene:sea', 1));
    const seen = async (): Promise<string[]> =>
      (await shop.asks('eve')).items
        .filter(({ sources }) => sources.includes('tag_match'))
        .map(({ productId }) => productId);
    for (const productId of ['tool-0', 'tool-1']) await shop.did('bo', 'purchase', productId);
    await says(shop, add(product('tool-0'), 'scene:sea', 1));
    expect(await seen()).toEqual(['tool-0']);
    await says(shop, veto(product('tool-0'), 'scene:sea'), add(product('tool-1'), 'scene:sea', 1));
    expect(await seen()).toEqual(['tool-1']);
  });

  it('hold for what is described later, and through every description', async () => {
    const shop = await aTown();
    await says(shop, veto(product('tea-9'), 'origin:fujian'), veto(product('tea-0'), 'origin:fujian'));
    const tea = shelf('tea', 10, { attributes: { origin: 'fujian' }, brand: 'aster' });
    await shop.sells(...tea);
    for (const productId of ['tea-9', 'tea-0']) {
      const report = await tagsOf(shop, product(productId));
      expect(weightOf(report, 'brand:aster')).toBeGreaterThan(0);
      expect(weightOf(report, 'origin:fujian')).toBeUndefined();
    }
  });

  it('change what is read, and never what people are taught by what they do', async () => {
    const [plain, shop] = [await aTown(), await aTown()];
    await says(shop, veto(product('tea-3'), 'origin:fujian'), add(product('tea-3'), 'scene:sea', 1));
    for (const town of [plain, shop]) await town.did('bo', 'purchase', 'tea-3');
    await deletes(
      shop,
      { subject: product('tea-3'), tag: 'origin:fujian' },
      { subject: product('tea-3'), tag: 'scene:sea' },
    );
    expect(await tagsOf(shop, user('bo'))).toEqual(await tagsOf(plain, user('bo')));
  });

  it('T2: label a shop, whose clarity follows; its products label it as they are read', async () => {
    const shop = await aTown();
    const before = await tagsOf(shop, shopSubject('tea-shop'));
    await says(
      shop,
      lock(shopSubject('tea-shop'), 'origin:yunnan', 0.7),
      veto(shopSubject('tea-shop'), 'category:goods/tea'),
      veto(product('tea-0'), 'origin:fujian'),
    );
    const after = await tagsOf(shop, shopSubject('tea-shop'));
    expect(after.tags.find(({ tag }) => tag === 'origin:yunnan')).toMatchObject({
      origins: [],
      override: { word: { action: 'lock' } },
    });
    expect(after.tags.find(({ tag }) => tag === 'origin:fujian')?.origins).toMatchObject([{ count: 3 }]);
    expect(after.vetoed.map(({ tag }) => tag)).toEqual(['category:goods/tea']);
    expect(weightOf(after, 'category:goods/tea')).toBeUndefined();
    expect(after.clarity as number).toBeLessThan(before.clarity as number);
    const { parts } = await shop.app.useCases.getMatch({ userId: 'ann', shopId: 'tea-shop', language: 'en' });
    expect(parts.map(({ tag }) => tag)).not.toContain('category:goods/tea');
  });

  it('R4: no reason names a category that was vetoed, of the product or for the person', async () => {
    const shop = await aStorefront();
    await shop.sells(...shelf('tea', 2));
    const text = async (userId: string, productId: string) =>
      (await shop.asks(userId, { candidateIds: [productId] })).items[0]?.reasons[0]?.text;
    expect(await text('eve', 'tea-0')).toBe('To discover in tea');
    await says(shop, veto(product('tea-0'), 'category:goods/tea'), veto(user('eve'), 'category:goods/tea'));
    expect(await text('bo', 'tea-0')).toBe('Something to discover');
    expect(await text('eve', 'tea-1')).toBe('Something to discover');
    expect(await text('bo', 'tea-1')).toBe('To discover in tea');
  });
});

describe('what an operator may say', () => {
  it('names every field that is wrong, and keeps nothing of the call', async () => {
    const shop = await aTown();
    const { tagOverrides } = shop.app.useCases;
    const overrides: RawOverride[] = [
      lock(user('ann'), 'origin:fujian', 0.5),
      { ...lock(user(''), 'linen', 0), note: 'x'.repeat(501) },
      lock(product('tea-0'), 'a:b', -0.5),
      add(user('ann'), 'a:c', -0.5),
      { ...veto(shopSubject('s'), 'audience:gender=female'), weight: 0.5 },
      { subject: undefined, tag: 'a:b', action: undefined, weight: 2 },
      lock(user('ann'), 'ORIGIN:Fujian', Number.NaN),
      veto(user('ann'), ' origin: fujian'),
    ];
    const refusal = await tagOverrides.set({ overrides, setBy: '' }).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(InvalidInputError);
    expect((refusal as InvalidInputError).violations.map(({ field }) => field)).toEqual([
      'set_by',
      'overrides[1].tag',
      'overrides[1].subject.user_id',
      'overrides[1].weight',
      'overrides[1].note',
      'overrides[2].weight',
      'overrides[3].weight',
      'overrides[4].tag',
      'overrides[4].weight',
      'overrides[5].subject',
      'overrides[5].action',
      'overrides[6].weight',
      'overrides[7].tag',
    ]);
    await expect(tagOverrides.set({ overrides: [], setBy: 'olga' })).rejects.toThrow(
      /overrides: must not be empty/,
    );
    await expect(
      says(shop, lock(user('ann'), 'a:a', 0.8), lock(user('ann'), 'a:b', 0.8)),
    ).rejects.toBeInstanceOf(FailedPreconditionError);
    expect(await tagOverrides.list({})).toEqual({ overrides: [], nextPageToken: '' });
  });

  it('can be listed page by page, and says who said what and when, deletions included', async () => {
    const shop = await aTown();
    const { tagOverrides } = shop.app.useCases;
    await says(shop, ...Array.from({ length: 5 }, (_, n) => veto(user('ann'), `n:${n}`)));
    await deletes(shop, { subject: user('ann'), tag: 'n:2' });
    const tags: string[] = [];
    let pageToken = '';
    do {
      const page = await tagOverrides.list({ subject: user('ann'), pageSize: 2, pageToken });
      tags.push(...page.overrides.map(({ tag }) => tag));
      pageToken = page.nextPageToken;
    } while (pageToken !== '');
    expect(tags).toEqual(['n:0', 'n:1', 'n:3', 'n:4']);
    const { overrides } = await tagOverrides.list({ withPast: true });
    expect(overrides).toHaveLength(6);
    expect(overrides.at(-1)).toMatchObject({ tag: 'n:2', word: undefined, setBy: 'olga' });
    expect(overrides.at(-1)?.setAtMs).toBe(shop.clock.nowMs());
    for (const bad of [{ pageToken: 'x' }, { pageSize: -1 }, { pageSize: 1_001 }, { subject: user('') }]) {
      await expect(tagOverrides.list(bad)).rejects.toBeInstanceOf(InvalidInputError);
    }
  });
});
