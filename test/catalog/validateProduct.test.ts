import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_TITLE_BYTES, type RawProduct, validateProduct } from '../../src/catalog/validateProduct.js';
import { MAX_ATTRIBUTES } from '../../src/core/fieldReader.js';

const rulesOf = (raw: unknown): Record<string, string> => {
  const checked = validateProduct(raw as RawProduct, 'products[3]');
  return checked.ok
    ? {}
    : Object.fromEntries(checked.violations.map((violation) => [violation.field, violation.rule]));
};

describe('validateProduct', () => {
  it('keeps what is right and normalises the rest', () => {
    const checked = validateProduct(
      {
        productId: 'p1',
        shopId: 's1',
        title: '  羊毛大衣 ',
        categoryPath: ['women', ' coats '],
        brand: 'Acme',
        attributes: { fabric: ' wool ', length_cm: 110, empty: '' },
        priceMinor: 129_900,
        currency: 'cny',
        createdAtMs: 1_700_000_000_000.5,
      },
      'products[0]',
    );
    expect(checked).toEqual({
      ok: true,
      value: {
        productId: 'p1',
        shopId: 's1',
        title: '羊毛大衣',
        categoryPath: ['women', 'coats'],
        brand: 'Acme',
        attributes: { fabric: 'wool', length_cm: '110' },
        priceMinor: 129_900,
        currency: 'CNY',
        inStock: true,
        createdAtMs: 1_700_000_000_000,
        bid: 0,
      },
    });
  });

  it('needs no more than an id, and reads empty texts and nulls as absent', () => {
    const bare = { title: '', categoryPath: [], attributes: {}, inStock: true, bid: 0 };
    expect(validateProduct({ productId: 'p' }, '')).toEqual({ ok: true, value: { productId: 'p', ...bare } });
    const raw = { productId: 'p', shopId: '', brand: ' ', currency: '', priceMinor: null, attributes: null };
    expect(validateProduct(raw, '')).toEqual({ ok: true, value: { productId: 'p', ...bare } });
  });

  it('names every mistake at once, each by its path', () => {
    expect(
      rulesOf({
        productId: '',
        shopId: 'a\u0007b',
        title: 'x'.repeat(1_000_000),
        categoryPath: ['a', ' '],
        attributes: { weight: Number.NaN, ok: 'fine' },
        priceMinor: -1,
        currency: 'yuan',
        inStock: 'yes',
        createdAtMs: -1,
        bid: 1.5,
      }),
    ).toEqual({
      'products[3].product_id': 'must not be empty',
      'products[3].shop_id': 'must not contain control characters',
      'products[3].title': `must be at most ${MAX_TITLE_BYTES} bytes`,
      'products[3].category_path[1]': 'must not be empty',
      'products[3].attributes["weight"]': 'must be a finite number',
      'products[3].price_minor': `must be from 0 to ${Number.MAX_SAFE_INTEGER}`,
      'products[3].currency': 'must be an ISO 4217 code of three letters',
      'products[3].in_stock': 'must be true or false',
      'products[3].created_at': 'must be a time from 1970 to 9999',
      'products[3].bid': 'must be from 0 to 1',
    });
  });

  it('refuses prices that are no whole number of the smallest unit', () => {
    for (const priceMinor of [Number.NaN, Number.POSITIVE_INFINITY, -0.5, 9.99, 2 ** 53, '100']) {
      expect(rulesOf({ productId: 'p', priceMinor })).toHaveProperty(['products[3].price_minor']);
    }
  });

  it('refuses text that was not UTF-8, wherever it stands', () => {
    const broken = 'caf\ufffd';
    const found = rulesOf({
      productId: broken,
      title: broken,
      brand: 'half \ud83d emoji',
      categoryPath: [broken],
      attributes: { [broken]: 'x', fabric: broken },
    });
    expect(found).toEqual({
      'products[3].product_id': 'must be valid UTF-8',
      'products[3].title': 'must be valid UTF-8',
      'products[3].brand': 'must be valid Unicode',
      'products[3].category_path[0]': 'must be valid UTF-8',
      'products[3].attributes (a name)': 'must be valid UTF-8',
      'products[3].attributes["fabric"]': 'must be valid UTF-8',
    });
  });

  it('bounds how many attributes there may be, and keeps an attribute named like a prototype', () => {
    const many = Object.fromEntries(Array.from({ length: MAX_ATTRIBUTES + 1 }, (_, i) => [`a${i}`, 'x']));
    expect(rulesOf({ productId: 'p', attributes: many })).toHaveProperty(['products[3].attributes']);
    const attributes = JSON.parse('{"__proto__":"x"}') as Record<string, string>;
    const checked = validateProduct({ productId: 'p', attributes }, '');
    expect(checked.ok && Object.entries(checked.value.attributes)).toEqual([['__proto__', 'x']]);
  });

  it('never throws on arbitrary input and never lets a non-finite number through', () => {
    const loose = fc.record(
      {
        productId: fc.oneof(fc.string(), fc.anything()),
        shopId: fc.oneof(fc.string(), fc.anything()),
        title: fc.oneof(fc.string(), fc.anything()),
        categoryPath: fc.oneof(fc.array(fc.string()), fc.anything()),
        brand: fc.anything(),
        attributes: fc.oneof(fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.double())), fc.anything()),
        priceMinor: fc.oneof(fc.double(), fc.integer(), fc.anything()),
        currency: fc.anything(),
        inStock: fc.anything(),
        createdAtMs: fc.oneof(fc.double(), fc.anything()),
        bid: fc.oneof(fc.double(), fc.anything()),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.oneof(loose, fc.anything()), (raw) => {
        const checked = validateProduct(raw as RawProduct, 'products[0]');
        if (!checked.ok) return checked.violations.length > 0;
        const {
          productId,
          title,
          categoryPath,
          attributes,
          priceMinor = 0,
          createdAtMs = 0,
          bid,
        } = checked.value;
        const texts = [productId, title, ...categoryPath, ...Object.values(attributes)];
        return (
          productId !== '' &&
          texts.every((text) => typeof text === 'string') &&
          Number.isSafeInteger(priceMinor) &&
          priceMinor >= 0 &&
          Number.isSafeInteger(createdAtMs) &&
          bid >= 0 &&
          bid <= 1
        );
      }),
      { numRuns: 500 },
    );
  });
});
