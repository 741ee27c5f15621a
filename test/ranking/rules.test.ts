import { describe, expect, it } from 'vitest';
import { DAY_MS } from '../../src/core/time.js';
import { itemOf, type Storefront, shelf, storefronts } from './storefront.js';

const aStorefront = storefronts();

/** Strangers browse every product of a shelf once: everything is a little popular. */
async function crowdBrowses(shop: Storefront, products: readonly { productId?: string | null }[]) {
  for (const [i, { productId }] of products.entries()) {
    await shop.did(`stranger-${i}`, 'browse', productId ?? '', { daysAgo: 3 });
  }
}

describe('what comes first', () => {
  it('R1: shops that a person bought from come first, with products they did not buy', async () => {
    const shop = await aStorefront();
    const [tea, tools] = [shelf('tea', 5), shelf('tool', 5)];
    await shop.sells(...tea, ...tools);
    await crowdBrowses(shop, [...tea, ...tools]);
    await shop.did('ann', 'purchase', 'tea-0', { daysAgo: 5 });
    const answer = await shop.asks('ann', { pageSize: 4 });
    expect(answer.items.map(({ shopId }) => shopId)).toEqual(Array(4).fill('tea-shop'));
    const stranger = await shop.list('nobody', { pageSize: 10 });
    expect(stranger.slice(0, 4).every((id) => id.startsWith('tea'))).toBe(false);
    expect(itemOf(answer, 'tea-1').sources).toContain('bought_shops');
    expect(itemOf(answer, 'tea-1').reasons.map(({ code }) => code)).toContain('bought_shop');
  });

  it('R2: what a person browsed brings what others who browsed it chose', async () => {
    const shop = await aStorefront();
    const goods = [...shelf('a', 4), ...shelf('b', 4), ...shelf('c', 4)];
    await shop.sells(...goods);
    await crowdBrowses(shop, goods);
    for (let i = 0; i < 6; i++) {
      await shop.did(`pair-${i}`, 'browse', 'a-0', { daysAgo: 2 });
      await shop.did(`pair-${i}`, 'favourite', 'c-3', { daysAgo: 2 });
    }
    await shop.did('ann', 'browse', 'a-0');
    const answer = await shop.asks('ann', { excludeProductIds: ['a-0'] });
    const related = itemOf(answer, 'c-3');
    expect(related.sources).toContain('related_to_recent');
    expect(related.reasons[0]?.code).toBe('related_to_recent');
    expect(related.reasons[0]?.text).toBe('People who chose a number 0 also choose this');
    expect(related.position).toBeLessThan(itemOf(answer, 'c-2').position);
    expect(related.position).toBeLessThan(itemOf(answer, 'b-0').position);
  });

  it('R12: what goes with what a person bought follows it, and says so; the other way round it does not', async () => {
    const shop = await aStorefront();
    const goods = [...shelf('cleanser', 3), ...shelf('cream', 3), ...shelf('tool', 30)];
    await shop.sells(...goods);
    await crowdBrowses(shop, goods);
    for (let i = 0; i < 5; i++) {
      await shop.did(`pair-${i}`, 'purchase', 'cleanser-0', { daysAgo: 12 });
      await shop.did(`pair-${i}`, 'purchase', 'cream-0', { daysAgo: 9 });
    }
    await shop.did('ann', 'purchase', 'cleanser-0', { daysAgo: 1 });
    await shop.did('bo', 'purchase', 'cream-0', { daysAgo: 1 });
    const next = itemOf(await shop.asks('ann'), 'cream-0');
    expect(next.sources).toContain('goes_together');
    expect(next.reasons).toContainEqual(
      expect.objectContaining({ code: 'goes_together', text: 'Goes with cleanser number 0' }),
    );
    const before = itemOf(await shop.asks('bo'), 'cleanser-0');
    expect(before.sources).not.toContain('goes_together');
    expect(before.reasons.map(({ code }) => code)).not.toContain('goes_together');
  });

  it('R12: a bestseller that everybody takes goes with nothing in particular', async () => {
    const shop = await aStorefront();
    await shop.sells(...shelf('lamp', 3), ...shelf('hit', 1), ...shelf('other', 12));
    for (let i = 0; i < 24; i++) {
      await shop.did(`fan-${i}`, 'purchase', i < 4 ? 'lamp-0' : `other-${i % 12}`, { daysAgo: 6 });
      await shop.did(`fan-${i}`, 'purchase', 'hit-0', { daysAgo: 5 });
    }
    await shop.did('ann', 'purchase', 'lamp-0', { daysAgo: 1 });
    const codes = itemOf(await shop.asks('ann'), 'hit-0').reasons.map(({ code }) => code);
    expect(codes).not.toContain('goes_together');
  });

  it('R2: the visits most like the latest one bring what else they hold, at once', async () => {
    const shop = await aStorefront();
    const goods = [...shelf('a', 4), ...shelf('b', 4), ...shelf('c', 4)];
    await shop.sells(...goods);
    for (const [i, found] of ['c-1', 'c-1', 'c-1', 'b-2'].entries()) {
      for (const id of ['a-0', 'a-1', found]) await shop.did(`visitor-${i}`, 'browse', id, { daysAgo: 2 });
    }
    const sourcesOf = async (id: string) =>
      (await shop.asks('ann')).items.find(({ productId }) => productId === id)?.sources ?? [];
    expect(await sourcesOf('c-1')).not.toContain('like_visits');
    await shop.did('ann', 'browse', 'a-0');
    await shop.did('ann', 'browse', 'a-1');
    expect(await sourcesOf('c-1')).toContain('like_visits');
    const list = await shop.list('ann');
    expect(list.indexOf('c-1')).toBeLessThan(list.indexOf('b-2'));
  });

  it('R2: a search brings what carries its words', async () => {
    const shop = await aStorefront();
    const goods = [...shelf('kettle', 5), ...shelf('blanket', 5)];
    await shop.sells(...goods);
    await crowdBrowses(shop, goods);
    await shop.did('ann', 'search', undefined, { query: 'warm blanket' });
    const first = await shop.list('ann', { pageSize: 3 });
    expect(first.every((id) => id.startsWith('blanket'))).toBe(true);
    await shop.did('bo', 'search', undefined, { query: 'kettle' });
    expect((await shop.list('bo', { pageSize: 3 })).every((id) => id.startsWith('kettle'))).toBe(true);
  });

  it('R3: what a person’s crowd chooses lifts it for them', async () => {
    const shop = await aStorefront();
    const goods = [...shelf('scarf', 2), ...shelf('razor', 2)];
    await shop.sells(...goods);
    for (let i = 0; i < 20; i++) {
      const gender = i % 2 === 0 ? 'female' : 'male';
      await shop.knows({ userId: `buyer-${i}`, gender });
      await shop.did(`buyer-${i}`, 'purchase', gender === 'female' ? 'scarf-0' : 'razor-0', { daysAgo: 4 });
    }
    await shop.knows({ userId: 'eve', gender: 'female' }, { userId: 'adam', gender: 'male' });
    const forEve = await shop.asks('eve', { candidateIds: ['razor-0', 'scarf-0'] });
    const forAdam = await shop.asks('adam', { candidateIds: ['razor-0', 'scarf-0'] });
    expect(forEve.items[0]?.productId).toBe('scarf-0');
    expect(forAdam.items[0]?.productId).toBe('razor-0');
    const crowd = forEve.items[0]?.reasons.find(({ code }) => code === 'crowd');
    expect(crowd?.text).toContain('people like you');
  });

  it('R3: past purchases give tags, and products with those tags follow', async () => {
    const shop = await aStorefront();
    const silk = shelf('blouse', 3, { attributes: { fabric: 'silk' } });
    const ties = shelf('tie', 3, { attributes: { fabric: 'silk' } });
    const mugs = shelf('mug', 3, { attributes: { fabric: 'clay' } });
    await shop.sells(...silk, ...ties, ...mugs);
    await crowdBrowses(shop, [...silk, ...mugs, ...ties]);
    await shop.did('ann', 'purchase', 'blouse-0', { daysAgo: 10 });
    const answer = await shop.asks('ann', { candidateIds: ['mug-0', 'tie-0'] });
    expect(answer.items[0]?.productId).toBe('tie-0');
    expect(answer.items[0]?.reasons.find(({ code }) => code === 'tag_match')?.text).toContain('silk');
  });
});

describe('newcomers and new products', () => {
  async function aCrowdWithTastes(): Promise<Storefront> {
    const shop = await aStorefront();
    const goods = Array.from({ length: 40 }, (_, i) => shelf(`g${i}`, 1)).flat();
    await shop.sells(...goods);
    for (let i = 0; i < 40; i++) {
      await shop.knows({ userId: `buyer-${i}`, gender: 'female' });
      await shop.did(`buyer-${i}`, 'purchase', `g${i % 40}-0`, { daysAgo: 2 });
    }
    await shop.did('buyer-0', 'favourite', 'g0-0', { daysAgo: 2 });
    return shop;
  }

  it('R4: two newcomers of one crowd get its choices by probability, each the same all day', async () => {
    const shop = await aCrowdWithTastes();
    const newcomers = ['new-1', 'new-2', 'new-3'];
    await shop.knows(...newcomers.map((userId) => ({ userId, gender: 'female' })));
    const lists: string[] = [];
    for (const userId of newcomers) lists.push((await shop.list(userId, { pageSize: 10 })).join());
    expect(new Set(lists).size).toBe(3);
    shop.clock.stepMs(DAY_MS / 4);
    expect((await shop.list('new-1', { pageSize: 10 })).join()).toBe(lists[0]);
  });

  it('R4: what the crowd chooses more often comes first for more newcomers, but not for all', async () => {
    const shop = await aStorefront();
    await shop.sells(...shelf('often', 1), ...shelf('seldom', 1));
    for (let i = 0; i < 12; i++) {
      await shop.knows({ userId: `buyer-${i}`, gender: 'female' });
      await shop.did(`buyer-${i}`, 'purchase', i < 7 ? 'often-0' : 'seldom-0', { daysAgo: 2 });
    }
    let often = 0;
    for (let i = 0; i < 200; i++) {
      const [first] = await shop.list(`new-${i}`);
      if (first === 'often-0') often += 1;
    }
    expect(often).toBeGreaterThan(100);
    expect(often).toBeLessThan(200);
  });

  it('R4: a person who did anything is not dealt to by chance', async () => {
    const shop = await aCrowdWithTastes();
    const chances = async (userId: string) =>
      (await shop.asks(userId)).items.map(({ adjustments }) => adjustments.chance);
    expect(new Set(await chances('new-1')).size).toBeGreaterThan(1);
    expect(new Set(await chances('buyer-1'))).toEqual(new Set([1]));
  });

  it('R4: a newcomer of whom nothing is known at all gets a full page of what people choose', async () => {
    const shop = await aCrowdWithTastes();
    const answer = await shop.asks('never-heard-of');
    expect(answer.items).toHaveLength(20);
    expect(answer.items.every(({ reasons }) => reasons.length > 0)).toBe(true);
  });

  it('R4: a new product starts from its category, attributes and title', async () => {
    const shop = await aStorefront();
    const known = [...shelf('wool', 3), ...shelf('lamp', 3)];
    await shop.sells(...known);
    await crowdBrowses(shop, known);
    await shop.did('ann', 'favourite', 'wool-0');
    const createdAtMs = shop.clock.nowMs() - DAY_MS;
    await shop.sells(
      ...shelf('fresh-lamp', 1, { categoryPath: ['goods', 'lamp'], title: 'lamp', createdAtMs }),
      ...shelf('fresh-wool', 1, { categoryPath: ['goods', 'wool'], title: 'wool', createdAtMs }),
    );
    const list = await shop.list('ann');
    expect(list).toContain('fresh-wool-0');
    expect(list.indexOf('fresh-wool-0')).toBeLessThan(list.indexOf('fresh-lamp-0'));
    expect(list.indexOf('fresh-wool-0')).toBeLessThan(list.indexOf('lamp-0'));
  });

  it('R4: a catalogue that nobody touched yet still fills a page', async () => {
    const shop = await aStorefront();
    await shop.sells(...shelf('untouched', 30));
    expect(await shop.list('nobody', { pageSize: 10 })).toHaveLength(10);
  });
});

describe('what is held back', () => {
  it('R6: good ratings lift a product, poor ones sink it', async () => {
    const shop = await aStorefront();
    const goods = shelf('pan', 3);
    await shop.sells(...goods);
    for (const [productId, rating] of [
      ['pan-0', 1],
      ['pan-1', 5],
    ] as const) {
      for (let i = 0; i < 12; i++)
        await shop.did(`critic-${productId}-${i}`, 'review', productId, { rating });
    }
    const answer = await shop.asks('ann', { candidateIds: ['pan-0', 'pan-1', 'pan-2'] });
    expect(answer.items.map(({ productId }) => productId)).toEqual(['pan-1', 'pan-2', 'pan-0']);
    const quality = (id: string) => itemOf(answer, id).adjustments.quality as number;
    expect(quality('pan-1')).toBeGreaterThan(quality('pan-2'));
    expect(quality('pan-0')).toBeLessThan(quality('pan-2'));
    expect(itemOf(answer, 'pan-1').reasons.map(({ code }) => code)).toContain('well_rated');
    expect(itemOf(answer, 'pan-0').reasons.map(({ code }) => code)).not.toContain('well_rated');
  });

  it('R8: a sofa just bought is not shown again; milk powder is, once its cycle says so', async () => {
    const shop = await aStorefront();
    await shop.sells(...shelf('sofa', 2), ...shelf('powder', 2));
    for (let i = 0; i < 40; i++) {
      await shop.did(`family-${i}`, 'purchase', 'sofa-0', { daysAgo: 100 + i });
      for (const daysAgo of [130, 100, 70, 40]) {
        await shop.did(`family-${i}`, 'purchase', 'powder-0', { daysAgo: daysAgo + i / 10 });
      }
    }
    await shop.did('ann', 'purchase', 'sofa-0', { daysAgo: 5 });
    await shop.did('ann', 'purchase', 'powder-0', { daysAgo: 5 });
    const soon = await shop.asks('ann');
    const ids = soon.items.map(({ productId }) => productId);
    expect(ids).not.toContain('sofa-0');
    expect(ids).not.toContain('powder-0');
    expect(ids).toContain('powder-1');
    expect(soon.dropped.already_ordered).toBe(2);
    shop.clock.stepMs(30 * DAY_MS);
    const later = await shop.asks('ann');
    expect(later.items.map(({ productId }) => productId)).not.toContain('sofa-0');
    const due = itemOf(later, 'powder-0').reasons.find(({ code }) => code === 'repurchase_due');
    expect(due?.text).toBe('You bought this on 1 day, last 35 days ago');
  });

  it('R8: what somebody else bought is still shown', async () => {
    const shop = await aStorefront();
    await shop.sells(...shelf('sofa', 1));
    await shop.did('ann', 'purchase', 'sofa-0');
    expect(await shop.list('bo')).toEqual(['sofa-0']);
  });

  it('R9: one page does not fill with the most popular shop, nor with one category', async () => {
    const shop = await aStorefront();
    const loved = shelf('loved', 20);
    const others = Array.from({ length: 8 }, (_, i) => shelf(`o${i}`, 1)).flat();
    await shop.sells(...loved, ...others);
    await crowdBrowses(shop, [...loved, ...others, ...loved]);
    const byScoreAlone = await shop.asks('ann', { pageSize: 12 });
    expect(byScoreAlone.items[0]?.shopId).toBe('loved-shop');
    expect(byScoreAlone.items.filter(({ shopId }) => shopId === 'loved-shop').length).toBeLessThanOrEqual(6);
    for (const { adjustments, position } of byScoreAlone.items) {
      if (position <= 3) expect(adjustments.spread).toBe(1);
    }
    const ofTheShop = await shop.asks('ann', { pageSize: 12, shopIds: ['loved-shop'] });
    expect(ofTheShop.items).toHaveLength(12);
  });

  it('R9: what was served again and again without an answer sinks, and comes back after days', async () => {
    const shop = await aStorefront();
    const goods = [...shelf('x', 1), ...shelf('y', 1)];
    await shop.sells(...goods);
    for (let i = 0; i < 3; i++) await shop.did(`fan-${i}`, 'browse', 'x-0', { daysAgo: 1 });
    await shop.did('fan-y', 'browse', 'y-0', { daysAgo: 1 });
    const fatigue = async () => itemOf(await shop.asks('ann'), 'x-0').adjustments.fatigue as number;
    expect(await fatigue()).toBe(1);
    for (let i = 0; i < 12; i++) await shop.asks('ann');
    const tired = await fatigue();
    expect(tired).toBeLessThan(1);
    expect(tired).toBeGreaterThanOrEqual(0.5);
    expect(itemOf(await shop.asks('bo'), 'x-0').adjustments.fatigue).toBe(1);
    shop.clock.stepMs(10 * DAY_MS);
    expect(await fatigue()).toBe(1);
  });

  it('R9: a product that the person turned to since it was served tires nobody', async () => {
    const shop = await aStorefront();
    await shop.sells(...shelf('x', 1));
    await shop.did('fan', 'browse', 'x-0', { daysAgo: 1 });
    for (let i = 0; i < 12; i++) await shop.asks('ann');
    await shop.did('ann', 'browse', 'x-0');
    expect(itemOf(await shop.asks('ann'), 'x-0').adjustments.fatigue).toBe(1);
  });

  it('R10: a price near what the person spends comes before one far above it', async () => {
    const shop = await aStorefront();
    const coats = Array.from({ length: 10 }, (_, i) => ({
      ...(shelf('coat', 10)[i] as object),
      priceMinor: 10_000 * (i + 1),
      currency: 'CNY',
    }));
    await shop.sells(...coats);
    await crowdBrowses(
      shop,
      coats.map((_, i) => ({ productId: `coat-${i}` })),
    );
    for (const i of [0, 1]) await shop.did('thrifty', 'purchase', `coat-${i}`, { daysAgo: 20 + i });
    for (const i of [8, 9]) await shop.did('lavish', 'purchase', `coat-${i}`, { daysAgo: 20 + i });
    const candidateIds = ['coat-2', 'coat-7'];
    const thrifty = await shop.asks('thrifty', { candidateIds });
    const lavish = await shop.asks('lavish', { candidateIds });
    expect(thrifty.items[0]?.productId).toBe('coat-2');
    expect(lavish.items[0]?.productId).toBe('coat-7');
    const priceFit = (answer: typeof lavish, id: string) => itemOf(answer, id).adjustments.priceFit as number;
    expect(priceFit(thrifty, 'coat-2')).toBeGreaterThan(priceFit(thrifty, 'coat-7'));
    expect(priceFit(lavish, 'coat-7')).toBeGreaterThan(priceFit(lavish, 'coat-2'));
  });

  it('R11: the highest bid lifts by a tenth at most and does not win alone', async () => {
    const shop = await aStorefront();
    await shop.sells(...shelf('plain', 1), ...shelf('paid', 1, { bid: 1 }));
    for (let i = 0; i < 30; i++) await shop.did(`fan-${i}`, 'favourite', 'plain-0', { daysAgo: 1 });
    const answer = await shop.asks('ann', { candidateIds: ['paid-0', 'plain-0'] });
    expect(answer.items[0]?.productId).toBe('plain-0');
    expect(itemOf(answer, 'paid-0').adjustments.bid).toBeCloseTo(1.1, 9);
    expect(itemOf(answer, 'plain-0').adjustments.bid).toBe(1);
  });
});
