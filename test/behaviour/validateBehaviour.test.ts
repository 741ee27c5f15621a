import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  EARLIEST_OCCURRED_AT_MS,
  type RawBehaviour,
  validateBehaviour,
} from '../../src/behaviour/validateBehaviour.js';
import { HOUR_MS } from '../../src/core/time.js';
import { BEHAVIOUR_TYPES } from '../../src/core/vocabulary.js';

const NOW = Date.UTC(2025, 5, 1);
const GOOD = { eventId: 'e1', type: 'browse', userId: 'u1', productId: 'p1', occurredAtMs: NOW } as const;

const violationsOf = (change: object) => {
  const checked = validateBehaviour({ ...GOOD, ...change } as RawBehaviour, 'events[3]', NOW);
  return checked.ok ? [] : checked.violations.map(({ field, rule }) => `${field}: ${rule}`);
};

describe('validateBehaviour', () => {
  it('keeps what is right, and counts one piece when no quantity is told', () => {
    expect(validateBehaviour(GOOD, 'events[0]', NOW)).toEqual({ ok: true, value: { ...GOOD, quantity: 1 } });
    const full = {
      ...GOOD,
      type: 'purchase',
      shopId: 's1',
      quantity: 3,
      priceMinor: 1_990,
      currency: 'BRL',
      rating: 5,
      query: '羽绒服',
      sessionId: 'x',
      dwellMs: 0,
      rankId: 'r1',
      position: 1,
      referrer: 'https://shop.example/?q=1',
    };
    expect(validateBehaviour(full, 'events[0]', NOW)).toEqual({ ok: true, value: full });
  });

  it('knows every type of behaviour (T4) and no other', () => {
    for (const type of BEHAVIOUR_TYPES) expect(violationsOf({ type, query: 'tea' })).toEqual([]);
    for (const type of ['buy', 'PURCHASE', 'UNRECOGNIZED', 7, 'constructor']) {
      expect(violationsOf({ type })).toEqual(['events[3].type: must be a known type of behaviour']);
    }
    expect(violationsOf({ type: '' })).toEqual(['events[3].type: must not be empty']);
  });

  it('needs ids, and something that was acted on', () => {
    expect(violationsOf({ eventId: '', userId: undefined })).toEqual([
      'events[3].event_id: must not be empty',
      'events[3].user_id: must not be empty',
    ]);
    const missing = 'events[3].product_id: at least one of product_id, shop_id and query must be given';
    expect(violationsOf({ productId: '' })).toEqual([missing]);
    expect(violationsOf({ productId: undefined, query: '  ' })).toEqual([missing]);
    expect(violationsOf({ productId: undefined, shopId: 's' })).toEqual([]);
    expect(violationsOf({ productId: undefined, type: 'inquiry', query: 'is it warm?' })).toEqual([]);
  });

  it('wants the words of a search', () => {
    expect(violationsOf({ type: 'search', productId: 'p' })).toEqual([
      'events[3].query: must not be empty for a search',
    ]);
    expect(violationsOf({ type: 'search', productId: undefined, query: 'coat' })).toEqual([]);
  });

  it('takes times from 1990 to an hour ahead of the clock', () => {
    const field = 'events[3].occurred_at';
    expect(violationsOf({ occurredAtMs: NOW + HOUR_MS })).toEqual([]);
    expect(violationsOf({ occurredAtMs: EARLIEST_OCCURRED_AT_MS })).toEqual([]);
    expect(violationsOf({ occurredAtMs: NOW + HOUR_MS + 1 })).toEqual([
      `${field}: must not be more than an hour in the future`,
    ]);
    expect(violationsOf({ occurredAtMs: EARLIEST_OCCURRED_AT_MS - 1 })).toEqual([
      `${field}: must not be before 1990`,
    ]);
    expect(violationsOf({ occurredAtMs: undefined })).toEqual([`${field}: must be given`]);
    expect(violationsOf({ occurredAtMs: Number.NaN })).toEqual([`${field}: must be a time`]);
    expect(violationsOf({ occurredAtMs: Number.POSITIVE_INFINITY })).toEqual([`${field}: must be a time`]);
  });

  it.each([
    ['price_minor', 'must be a number', { priceMinor: Number.NaN }],
    ['price_minor', `must be from 0 to ${Number.MAX_SAFE_INTEGER}`, { priceMinor: -1 }],
    ['price_minor', 'must be a whole number', { priceMinor: 9.99 }],
    ['price_minor', `must be from 0 to ${Number.MAX_SAFE_INTEGER}`, { priceMinor: 2 ** 53 }],
    ['currency', 'must be an ISO 4217 code of three letters', { currency: 'RMB¥' }],
    ['quantity', 'must be from 1 to 1000000', { quantity: 0 }],
    ['quantity', 'must be a whole number', { quantity: 1.5 }],
    ['quantity', 'must be from 1 to 1000000', { quantity: 1_000_001 }],
    ['rating', 'must be from 1 to 5', { rating: 0 }],
    ['rating', 'must be from 1 to 5', { rating: 6 }],
    ['dwell_ms', 'must be from 0 to 604800000', { dwellMs: -1 }],
    ['position', 'must be from 1 to 1000000', { position: 0 }],
    ['query', 'must be at most 500 bytes', { query: 'q'.repeat(501) }],
    ['query', 'must be valid UTF-8', { query: 'caf\ufffd' }],
    ['referrer', 'must be at most 2048 bytes', { referrer: 'r'.repeat(2_049) }],
    ['session_id', 'must not contain control characters', { sessionId: 'a\nb' }],
    ['rank_id', 'must be at most 128 bytes', { rankId: 'r'.repeat(129) }],
  ])('refuses a %s that breaks the rule “%s”', (name, rule, change) => {
    expect(violationsOf(change)).toEqual([`events[3].${name}: ${rule}`]);
  });

  it('names every mistake at once', () => {
    const checked = validateBehaviour({ quantity: 0, rating: 9, priceMinor: Number.NaN }, '', NOW);
    const fields = checked.ok ? [] : checked.violations.map(({ field }) => field);
    expect(fields.sort()).toEqual(
      [
        'event_id',
        'type',
        'user_id',
        'product_id',
        'occurred_at',
        'quantity',
        'price_minor',
        'rating',
      ].sort(),
    );
  });

  it('never throws on arbitrary input and never lets a non-finite number through', () => {
    const number = fc.oneof(fc.double(), fc.integer(), fc.anything());
    const loose = fc.record(
      {
        eventId: fc.oneof(fc.string({ minLength: 1 }), fc.anything()),
        type: fc.oneof(fc.constantFrom(...BEHAVIOUR_TYPES), fc.anything()),
        userId: fc.oneof(fc.string({ minLength: 1 }), fc.anything()),
        productId: fc.oneof(fc.string({ minLength: 1 }), fc.anything()),
        query: fc.oneof(fc.string(), fc.anything()),
        occurredAtMs: fc.oneof(fc.integer({ min: EARLIEST_OCCURRED_AT_MS, max: NOW }), number),
        quantity: number,
        priceMinor: number,
        rating: number,
        dwellMs: number,
        position: number,
        referrer: fc.anything(),
      },
      { requiredKeys: [] },
    );
    const fine = fc.oneof({ weight: 9, arbitrary: fc.integer({ min: 1, max: 5 }) }, number);
    const seldomWrong = fc.record(
      { quantity: fine, priceMinor: fine, rating: fine, dwellMs: fine, position: fine },
      { requiredKeys: [] },
    );
    const mostlyGood = seldomWrong.map((change) => ({ ...GOOD, ...change }));
    let accepted = 0;
    fc.assert(
      fc.property(fc.oneof(loose, mostlyGood, fc.anything()), (raw) => {
        const checked = validateBehaviour(raw as RawBehaviour, 'events[0]', NOW);
        if (!checked.ok) return checked.violations.length > 0;
        accepted += 1;
        const numbers = Object.values(checked.value).filter((value) => typeof value === 'number');
        return numbers.every((value) => Number.isSafeInteger(value) && value >= 0);
      }),
      { numRuns: 1_000 },
    );
    expect(accepted).toBeGreaterThan(0);
  });
});
