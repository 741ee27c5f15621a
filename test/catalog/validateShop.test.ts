import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type RawShop, validateShop } from '../../src/catalog/validateShop.js';

describe('validateShop', () => {
  it('keeps what is right', () => {
    const shop = { shopId: 's1', name: '小明的店', category: 'coats', region: '浙江', createdAtMs: 5 };
    expect(validateShop(shop, 'shops[0]')).toEqual({ ok: true, value: shop });
    expect(validateShop({ shopId: 's1' }, '')).toEqual({ ok: true, value: { shopId: 's1', name: '' } });
  });

  it('names every mistake at once, each by its path', () => {
    const raw = {
      shopId: 'x'.repeat(129),
      name: 'n'.repeat(501),
      region: 'a\u0000b',
      createdAtMs: Number.NaN,
    };
    expect(validateShop(raw, 'shops[7]')).toEqual({
      ok: false,
      violations: [
        { field: 'shops[7].shop_id', rule: 'must be at most 128 bytes' },
        { field: 'shops[7].name', rule: 'must be at most 500 bytes' },
        { field: 'shops[7].region', rule: 'must not contain NUL' },
        { field: 'shops[7].created_at', rule: 'must be a time from 1970 to 9999' },
      ],
    });
  });

  it('never throws on arbitrary input', () => {
    const loose = fc.record({ shopId: fc.string(), name: fc.anything(), createdAtMs: fc.double() });
    fc.assert(
      fc.property(fc.oneof(loose, fc.anything()), (raw) => {
        const checked = validateShop(raw as RawShop, 'shops[0]');
        return checked.ok
          ? checked.value.shopId !== '' && Number.isSafeInteger(checked.value.createdAtMs ?? 0)
          : checked.violations.length > 0;
      }),
    );
  });
});
