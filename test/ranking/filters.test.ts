import { describe, expect, it } from 'vitest';
import { InvalidInputError } from '../../src/core/errors.js';
import { aRankRequest, shelf, storefronts } from './storefront.js';

const aStorefront = storefronts();

describe('what a caller asks for', () => {
  it('ranks exactly the given candidates, each once, and counts those that it does not know', async () => {
    const shop = await aStorefront();
    await shop.sells(...shelf('tea', 5), ...shelf('tool', 5));
    const answer = await shop.asks('ann', {
      candidateIds: ['tea-1', 'tool-2', 'ghost', 'tea-1', 'phantom', 'tea-4'],
    });
    expect(answer.items.map(({ productId }) => productId).sort()).toEqual(['tea-1', 'tea-4', 'tool-2']);
    expect(answer.items.every(({ sources }) => sources.join() === 'caller')).toBe(true);
    expect(answer.candidateCount).toBe(3);
    expect(answer.unknownCandidateCount).toBe(2);
  });

  it('answers an empty page when no candidate is known or left', async () => {
    const shop = await aStorefront();
    expect((await shop.asks('ann')).items).toEqual([]);
    expect((await shop.asks('ann', { candidateIds: ['ghost'] })).items).toEqual([]);
  });

  it('gives pages of the size asked for, numbered from 1, best first', async () => {
    const shop = await aStorefront();
    const goods = shelf('tea', 40);
    await shop.sells(...goods);
    for (const { productId } of goods) await shop.did('fan', 'browse', productId as string, { daysAgo: 1 });
    for (const pageSize of [1, 7, 40, 500]) {
      const { items } = await shop.asks('ann', { pageSize });
      expect(items).toHaveLength(Math.min(pageSize, 40));
      expect(items.map(({ position }) => position)).toEqual(items.map((_, i) => i + 1));
      const scores = items.map(({ score }) => score);
      expect(scores).toEqual([...scores].sort((a, b) => b - a));
      expect(scores.every((score) => Number.isFinite(score))).toBe(true);
    }
  });

  it('drops what is out of stock, left out, or on whose page the list stands, and says how many', async () => {
    const shop = await aStorefront();
    await shop.sells(...shelf('tea', 4), ...shelf('gone', 2, { inStock: false }));
    const candidateIds = ['tea-0', 'tea-1', 'tea-2', 'tea-3', 'gone-0', 'gone-1'];
    const answer = await shop.asks('ann', {
      candidateIds,
      excludeProductIds: ['tea-0', 'never-heard-of'],
      contextProductId: 'tea-1',
    });
    expect(answer.items.map(({ productId }) => productId).sort()).toEqual(['tea-2', 'tea-3']);
    expect(answer.dropped).toEqual({ excluded: 2, out_of_stock: 2 });
    expect(answer.candidateCount).toBe(6);
  });

  it('keeps to the shops, the category and the prices asked for', async () => {
    const shop = await aStorefront();
    await shop.sells(
      ...shelf('tea', 2, { priceMinor: 500, currency: 'CNY' }),
      ...shelf('teapot', 2, { priceMinor: 5_000, currency: 'CNY' }),
      ...shelf('free', 1),
    );
    expect((await shop.list('ann', { shopIds: ['tea-shop'] })).sort()).toEqual(['tea-0', 'tea-1']);
    expect((await shop.list('ann', { categoryPrefix: 'goods/tea' })).sort()).toEqual(['tea-0', 'tea-1']);
    expect(await shop.list('ann', { categoryPrefix: 'goods' })).toHaveLength(5);
    expect((await shop.list('ann', { minPriceMinor: 500, maxPriceMinor: 500 })).sort()).toEqual([
      'tea-0',
      'tea-1',
    ]);
    expect((await shop.list('ann', { minPriceMinor: 501 })).sort()).toEqual(['teapot-0', 'teapot-1']);
    const answer = await shop.asks('ann', { shopIds: ['tea-shop'] });
    expect(answer.dropped).toEqual({ outside_request: 3 });
  });

  it('hides what a person is not interested in, until they turn to it again', async () => {
    const shop = await aStorefront();
    await shop.sells(...shelf('tea', 2));
    await shop.did('ann', 'add_to_cart', 'tea-0', { daysAgo: 3 });
    await shop.did('ann', 'not_interested', 'tea-0', { daysAgo: 2 });
    expect(await shop.list('ann')).toEqual(['tea-1']);
    expect(await shop.list('bo')).toHaveLength(2);
    await shop.did('ann', 'remove_from_cart', 'tea-0', { daysAgo: 1 });
    expect((await shop.asks('ann')).dropped).toEqual({ not_interested: 1 });
    await shop.did('ann', 'favourite', 'tea-0');
    expect(await shop.list('ann')).toHaveLength(2);
  });

  it('ranks 2,000 candidates and refuses 2,001', async () => {
    const shop = await aStorefront();
    const goods = Array.from({ length: 40 }, (_, i) => shelf(`s${i}`, 50)).flat();
    for (let at = 0; at < goods.length; at += 500) await shop.sells(...goods.slice(at, at + 500));
    await shop.did('ann', 'favourite', 's7-7');
    const candidateIds = goods.map(({ productId }) => productId as string);
    const answer = await shop.asks('ann', { candidateIds, pageSize: 500 });
    expect(answer.candidateCount).toBe(2_000);
    expect(new Set(answer.items.map(({ productId }) => productId)).size).toBe(500);
    expect(answer.items[0]?.productId).toBe('s7-7');
    const tooMany = shop.asks('ann', { candidateIds: [...candidateIds, 'one-more'] });
    await expect(tooMany).rejects.toThrow('candidate_ids: must hold at most 2000 ids, not 2001');
  });

  it('names everything that is wrong with a request at once', async () => {
    const shop = await aStorefront();
    const refused = await shop.app.useCases
      .rank(
        aRankRequest({
          userId: '',
          pageSize: 0,
          candidateIds: ['good', 'bad\u0000'],
          minPriceMinor: 10,
          maxPriceMinor: 5,
          contextProductId: 'x'.repeat(129),
        }),
      )
      .catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(InvalidInputError);
    expect((refused as InvalidInputError).violations.map(({ field }) => field)).toEqual([
      'user_id',
      'candidate_ids[1]',
      'context_product_id',
      'page_size',
      'min_price_minor',
    ]);
  });

  it('refuses pages of no size, of part of one, and of more than 500', async () => {
    const shop = await aStorefront();
    for (const pageSize of [0, -1, 1.5, Number.NaN, 501]) {
      await expect(shop.asks('ann', { pageSize })).rejects.toThrow('page_size');
    }
  });
});
