import { describe, expect, it } from 'vitest';
import { UpsertStatus } from '../../src/gen/tagrank/v1/vocabulary.js';
import { toTimestamp } from '../../src/server/client.js';
import { NOW_MS } from './fakeUseCases.js';
import { refusal } from './messages.js';
import { serve } from './serve.js';

describe('CatalogService', () => {
  it('gives back a product as it was upserted', async () => {
    const { client } = await serve();
    const product = {
      productId: 'p1',
      shopId: 's1',
      title: '长款羽绒服 down coat',
      categoryPath: ['clothing', 'coats'],
      brand: 'acme',
      attributes: { fabric: 'cotton', age_band: '25-29' },
      priceMinor: 129_900n,
      currency: 'CNY',
      inStock: false,
      createdAt: toTimestamp(NOW_MS - 1),
      bid: 0.5,
    };
    const upserted = await client.upsertProducts({ products: [product] });
    expect(upserted.results).toEqual([
      { id: 'p1', status: UpsertStatus.ACCEPTED, violations: [], revision: 1n },
    ]);
    expect(await client.getProduct({ productId: 'p1' })).toEqual({ product, revision: 7n });
  });

  it('takes a product without stock, price or bid for one that is in stock and has neither', async () => {
    const { client, kept } = await serve();
    await client.upsertProducts({ products: [{ productId: 'p1' }] });
    expect(kept.products.get('p1')).toEqual({
      productId: 'p1',
      title: '',
      categoryPath: [],
      attributes: {},
      inStock: true,
      bid: 0,
    });
  });

  it('gives back a shop as it was upserted', async () => {
    const { client } = await serve();
    const shop = {
      shopId: 's1',
      name: '小店',
      category: 'coats',
      region: 'Hangzhou',
      createdAt: toTimestamp(NOW_MS),
    };
    await client.upsertShops({ shops: [shop] });
    expect(await client.getShop({ shopId: 's1' })).toEqual({ shop });
  });

  it('keeps the good products of a batch and names what is wrong with the others', async () => {
    const { client, kept } = await serve();
    const { results, acceptedCount, rejectedCount } = await client.upsertProducts({
      products: [
        { productId: 'good' },
        { productId: 'megabyte', title: 'x'.repeat(1 << 20) },
        { productId: 'nan', bid: Number.NaN },
        { productId: '' },
      ],
    });
    expect([acceptedCount, rejectedCount]).toEqual([1, 3]);
    expect(results.slice(1).map(({ violations }) => violations[0]?.field)).toEqual([
      'products[1].title',
      'products[2].bid',
      'products[3].product_id',
    ]);
    expect([...kept.products.keys()]).toEqual(['good']);
  });

  it('fails when nothing of the batch was kept', async () => {
    const { client } = await serve();
    const products = await refusal(client.upsertProducts({ products: [{ productId: '' }] }));
    expect(products.details).toBe('products[0].product_id: must not be empty');
    const shops = await refusal(client.upsertShops({ shops: [{ shopId: '' }] }));
    expect([shops.code, shops.details]).toEqual(['INVALID_ARGUMENT', 'shops[0].shop_id: must not be empty']);
  });

  it('answers NOT_FOUND for what nobody described, and refuses an id that cannot be one', async () => {
    const { client } = await serve();
    expect(await refusal(client.getProduct({ productId: 'p9' }))).toMatchObject({
      code: 'NOT_FOUND',
      details: 'no product "p9"',
    });
    expect(await refusal(client.getShop({ shopId: 's9' }))).toMatchObject({ code: 'NOT_FOUND' });
    expect(await refusal(client.getShop({}))).toMatchObject({
      code: 'INVALID_ARGUMENT',
      details: 'shop_id: must not be empty',
    });
  });
});

describe('UserService', () => {
  it('gives back a user as it was upserted', async () => {
    const { client } = await serve();
    const user = {
      userId: 'u1',
      gender: 'female',
      ageBand: '25-29',
      region: 'Zhejiang',
      timezone: 'Asia/Shanghai',
      attributes: { tier: 'gold' },
    };
    await client.upsertUsers({ users: [user] });
    expect(await client.getUser({ userId: 'u1' })).toEqual({ user, identities: [] });
  });

  it('refuses a time zone that nobody knows, and answers NOT_FOUND for an unknown user', async () => {
    const { client } = await serve();
    const bad = await refusal(client.upsertUsers({ users: [{ userId: 'u1', timezone: 'Mars/Olympus' }] }));
    expect(bad.code).toBe('INVALID_ARGUMENT');
    expect(bad.details).toMatch(/^users\[0\]\.timezone: /);
    expect(await refusal(client.getUser({ userId: 'u1' }))).toMatchObject({ code: 'NOT_FOUND' });
  });
});
