import { describe, expect, it } from 'vitest';
import { InvalidInputError, NotFoundError } from '../../src/core/errors.js';
import { seededRandom } from '../../src/core/random.js';
import { DAY_MS } from '../../src/core/time.js';
import { BEHAVIOUR_TYPES } from '../../src/core/vocabulary.js';
import type { TagExplanation } from '../../src/tags/tagExplanation.js';
import type { TagReport, TagSubject } from '../../src/tags/tagReport.js';
import { type Storefront, shelf, storefronts } from '../ranking/storefront.js';

const aStorefront = storefronts();

const ann: TagSubject = { kind: 'user', userId: 'ann' };
const TEA = 'category:goods/tea';
const POTS = 'category:goods/pots';

const explain = (shop: Storefront, subject: TagSubject, tag: string, limit = 200): Promise<TagExplanation> =>
  shop.app.useCases.explainTag({ subject, tag, limit });
const tagsOf = (shop: Storefront, subject: TagSubject): Promise<TagReport> =>
  shop.app.useCases.getTags({ subject, limit: 200 });
const weightOf = (tags: TagReport['tags'], tag: string) => tags.find((one) => one.tag === tag)?.weight ?? 0;
const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

/** What holds of every explanation: its parts add up, and it is what `GetTags` says, now and later. */
async function expectSound(shop: Storefront, subject: TagSubject, written: string): Promise<TagExplanation> {
  const [made, report] = [await explain(shop, subject, written), await tagsOf(shop, subject)];
  const { tag } = made.tag;
  expect(made.tag.weight).toBeCloseTo(weightOf(report.tags, tag), 12);
  expect(made.shortTermTag.weight).toBeCloseTo(weightOf(report.shortTermTags, tag), 12);
  expect(sum(made.parts.map(({ weight }) => weight))).toBeCloseTo(made.learnedWeight, 9);
  expect(sum(made.parts.map(({ shortTermWeight }) => shortTermWeight))).toBeCloseTo(
    made.learnedShortTermWeight,
    9,
  );
  for (const origin of made.tag.origins) {
    if (origin.kind !== 'behaviour') continue;
    const sums = made.parts.map(({ source }) =>
      source.kind === 'behaviour' && source.type === origin.type ? source.sum : 0,
    );
    expect(sum(sums)).toBeCloseTo(origin.weight, 9);
  }
  const cut = await explain(shop, subject, tag, 1);
  expect(cut.parts).toEqual(made.parts.slice(0, 1));
  expect(cut.furtherCount).toBe(Math.max(0, made.parts.length - 1));
  expect(sum(cut.parts.map(({ weight }) => weight)) + cut.furtherWeight).toBeCloseTo(made.learnedWeight, 9);
  const nowMs = shop.clock.nowMs();
  for (const { atMs, weight, shortTermWeight } of made.forecast) {
    shop.clock.stepMs(atMs - shop.clock.nowMs());
    const later = await tagsOf(shop, subject);
    expect(weight).toBeCloseTo(weightOf(later.tags, tag), 9);
    expect(shortTermWeight).toBeCloseTo(weightOf(later.shortTermTags, tag), 9);
  }
  shop.clock.stepMs(nowMs - shop.clock.nowMs());
  return made;
}

describe('what made a tag of a person', () => {
  it('T4 T6: is each behaviour by its weight and age, and what fades next is named', async () => {
    const shop = await aStorefront();
    await shop.sells(...shelf('tea', 3), ...shelf('pots', 1));
    await shop.did('ann', 'purchase', 'tea-0', { daysAgo: 30, eventId: 'bought' });
    await shop.did('ann', 'browse', 'tea-1', { daysAgo: 1, eventId: 'looked' });
    await shop.did('ann', 'search', undefined, { daysAgo: 2, query: 'tea', eventId: 'searched' });
    await shop.did('ann', 'favourite', 'pots-0', { daysAgo: 3 });
    const made = await expectSound(shop, ann, TEA);
    expect(made.parts.map(({ source }) => source)).toMatchObject([
      { eventId: 'bought', type: 'purchase', productId: 'tea-0', shopId: 'tea-shop', userId: 'ann' },
      { eventId: 'looked', type: 'browse', halfLifeMs: 7 * DAY_MS },
    ]);
    const [bought, looked] = made.parts;
    expect(bought?.source).toMatchObject({ sum: expect.closeTo(8 * 2 ** (-30 / 90), 9) });
    // A week is the half-life of a browse, and less than a tenth of a purchase's.
    expect(looked?.fadedInAWeek).toBeCloseTo((looked?.weight ?? 0) / 2, 9);
    expect(made.fadingNext.map(({ source }) => source.kind === 'behaviour' && source.eventId)).toEqual(
      [bought, looked]
        .toSorted((a, b) => (b?.fadedInAWeek ?? 0) - (a?.fadedInAWeek ?? 0))
        .map((part) => part?.source.kind === 'behaviour' && part.source.eventId),
    );
    expect(made.forecast.map(({ atMs }) => (atMs - made.asOfMs) / DAY_MS)).toEqual([1, 7, 30, 90]);
    // What was searched speaks of the title's word alone, and lasts a day as intent.
    const searched = await expectSound(shop, ann, 'title:tea');
    expect(searched.parts.map(({ source }) => source.kind === 'behaviour' && source.eventId)).toContain(
      'searched',
    );
    expect(searched.forecast[1]?.shortTermWeight).toBeLessThan(searched.shortTermTag.weight / 20);
  });

  it('T4 T5: adds up whatever was done, taken back, or counted no more', async () => {
    const random = seededRandom(7);
    const pick = <One>(from: readonly One[]): One => from[Math.floor(random() * from.length)] as One;
    for (let round = 0; round < 6; round += 1) {
      const shop = await aStorefront();
      await shop.sells(...shelf('tea', 3), ...shelf('pots', 2, { attributes: { glaze: 'blue' } }));
      for (let i = 0; i < 40; i += 1) {
        const type = pick(BEHAVIOUR_TYPES);
        const productId =
          type === 'search' ? undefined : pick(['tea-0', 'tea-1', 'tea-2', 'pots-0', 'pots-1']);
        await shop.did('ann', type, productId, {
          daysAgo: Math.floor(random() * 40) + random() / 2,
          ...(type === 'search' && { query: pick(['tea', 'blue pots']) }),
          ...(type === 'review' && { rating: pick([1, 3, 5]) }),
          ...(type === 'browse' && random() < 0.3 && { dwellMs: 1_000 }),
        });
      }
      for (const tag of [TEA, POTS, 'glaze:blue', 'title:tea']) await expectSound(shop, ann, tag);
    }
  });

  it('T7: is what was done under every id of the person, and who did it', async () => {
    const shop = await aStorefront();
    await shop.sells(...shelf('tea', 2));
    await shop.did('ann', 'purchase', 'tea-0', { daysAgo: 3 });
    await shop.did('ann-wx', 'favourite', 'tea-1', { daysAgo: 2 });
    await shop.app.useCases.linkIdentity({ userId: 'ann', identity: { value: 'ann-wx' } });
    const made = await expectSound(shop, { kind: 'user', userId: 'ann-wx' }, TEA);
    expect(made.parts.map(({ source }) => source.kind === 'behaviour' && source.userId)).toEqual([
      'ann',
      'ann-wx',
    ]);
  });

  it('T6: says what an operator made of it, and what it would be without', async () => {
    const shop = await aStorefront();
    await shop.sells(...shelf('tea', 2), ...shelf('pots', 1));
    await shop.did('ann', 'purchase', 'tea-0', { daysAgo: 3 });
    await shop.did('ann', 'browse', 'pots-0', { daysAgo: 3 });
    const before = await explain(shop, ann, TEA);
    const say = (action: 'lock' | 'veto' | 'add', weight: number, tag = TEA) =>
      shop.app.useCases.tagOverrides.set({
        setBy: 'olga',
        overrides: [{ subject: ann, tag, action, weight }],
      });
    await say('lock', 0.4);
    expect(await expectSound(shop, ann, TEA)).toMatchObject({
      tag: { weight: 0.4 },
      override: { word: { action: 'lock', weight: 0.4 }, setBy: 'olga' },
      learnedWeight: before.learnedWeight,
    });
    await say('veto', 0);
    const vetoed = await expectSound(shop, ann, TEA);
    expect(vetoed).toMatchObject({ tag: { weight: 0 }, override: { word: { action: 'veto' } } });
    expect(vetoed.parts.length).toBe(1);
    await say('add', 0.01);
    const added = await expectSound(shop, ann, TEA);
    expect(added.override).toMatchObject({ word: { action: 'add' } });
    expect(added.tag.override).toBeUndefined();
    // Of a tag beside it the room is less, and what was learned is as it was.
    await say('lock', 0.9, 'scene:camping');
    const beside = await expectSound(shop, ann, TEA);
    expect(beside.tag.weight).toBeLessThan(beside.learnedWeight);
    expect(beside.learnedWeight).toBe(added.learnedWeight);
    expect(await expectSound(shop, ann, 'scene:camping')).toMatchObject({ tag: { weight: 0.9 }, parts: [] });
  });

  it('is nothing where there is no such tag, and of somebody new', async () => {
    const shop = await aStorefront();
    await shop.sells(...shelf('tea', 1));
    await shop.did('ann', 'purchase', 'tea-0');
    const none = { tag: { weight: 0, origins: [] }, learnedWeight: 0, parts: [], furtherCount: 0 };
    expect(await expectSound(shop, ann, 'glaze:blue')).toMatchObject(none);
    expect(await expectSound(shop, { kind: 'user', userId: 'nobody' }, TEA)).toMatchObject(none);
  });
});

describe('what made a tag of a product or shop', () => {
  it('T1 T3: is the field that it was read from, or the people who acted', async () => {
    const shop = await aStorefront();
    await shop.knows(
      ...Array.from({ length: 40 }, (_, i) => ({
        userId: `u${i}`,
        ageBand: i < 20 ? '25-29' : '60-64',
      })),
    );
    await shop.sells(...shelf('tea', 2, { brand: 'Aster' }), ...shelf('pots', 1));
    for (let i = 0; i < 40; i += 1) await shop.did(`u${i}`, 'purchase', i < 20 ? 'tea-0' : 'pots-0');
    const subject: TagSubject = { kind: 'product', productId: 'tea-0' };
    const brand = await expectSound(shop, subject, ' BRAND:aster ');
    expect(brand.parts).toMatchObject([
      { weight: brand.learnedWeight, source: { field: 'brand', weight: 0.6 } },
    ]);
    const young = await expectSound(shop, subject, 'audience:age_band=25-29');
    expect(young.learnedWeight).toBeGreaterThan(0);
    expect(young.parts).toMatchObject([
      { weight: young.learnedWeight, source: { kind: 'audience', shareRatio: 1 } },
    ]);
    await shop.app.useCases.tagOverrides.set({
      setBy: 'olga',
      overrides: [{ subject, tag: 'brand:aster', action: 'veto', weight: 0 }],
    });
    expect(await expectSound(shop, subject, 'brand:aster')).toMatchObject({
      tag: { weight: 0 },
      override: { word: { action: 'veto' } },
    });
  });

  it('T2: is the products that carry it, by what they sell', async () => {
    const shop = await aStorefront();
    await shop.sells(...shelf('tea', 3, { shopId: 's' }), ...shelf('pots', 1, { shopId: 's' }));
    for (const userId of ['u1', 'u2', 'u3']) await shop.did(userId, 'purchase', 'tea-1', { daysAgo: 9 });
    const subject: TagSubject = { kind: 'shop', shopId: 's' };
    const made = await expectSound(shop, subject, TEA);
    expect(made.parts.map(({ source }) => source.kind === 'product' && source.productId)).toEqual([
      'tea-1',
      'tea-0',
      'tea-2',
    ]);
    const ratios = made.parts.map(({ source }) => (source.kind === 'product' ? source.assortmentRatio : 0));
    expect(sum(ratios)).toBeLessThan(1);
    expect((await expectSound(shop, subject, POTS)).parts).toHaveLength(1);
    // Without sales the shelves alone speak.
    expect(made.forecast.at(-1)?.weight).toBeLessThan(made.tag.weight);
  });

  it('refuses what it cannot read, with every field, and does not know what nobody sells', async () => {
    const shop = await aStorefront();
    const asked = explain(shop, { kind: 'user', userId: ' ' }, 'tea', 0);
    await expect(asked).rejects.toThrow(InvalidInputError);
    await expect(asked).rejects.toThrow(/user_id: .*tag: must have the form.*limit: must be a whole number/s);
    await expect(explain(shop, { kind: 'product', productId: 'no' }, TEA)).rejects.toThrow(NotFoundError);
    await expect(explain(shop, { kind: 'shop', shopId: 'no' }, TEA)).rejects.toThrow(NotFoundError);
  });
});
