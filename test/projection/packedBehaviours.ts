import fc from 'fast-check';
import type { Behaviour, BehaviourContext, BehaviourToLog } from '../../src/behaviour/behaviour.js';
import { BEHAVIOUR_TYPES } from '../../src/core/vocabulary.js';
import type { ShopOf } from '../../src/projection/packedHistory.js';
import { NOON_MS } from '../support/builders.js';

/** The catalogue of these tests: content of an odd revision names a shop, that of an even one does not. */
export const shopOfOddRevisions: ShopOf = (productId, revision) =>
  revision % 2 === 1 ? `shop of ${productId}` : undefined;

const digits = (min: number, max: number) =>
  fc.array(fc.constantFrom(...'0123456789'), { minLength: min, maxLength: max }).map((all) => all.join(''));
const hexDigits = (min: number, max: number) =>
  fc
    .array(fc.constantFrom(...'0123456789abcdef'), { minLength: min, maxLength: max })
    .map((all) => all.join(''));

/** Ids as shops have them, and what comes close to one form and is another. */
export const someId = fc.oneof(
  fc.nat().map(String),
  fc.bigInt({ min: 2n ** 50n, max: 2n ** 65n }).map(String),
  digits(1, 24),
  fc.tuple(fc.constantFrom(...'apzAPZ'), digits(1, 18)).map(([letter, number]) => letter + number),
  fc.uuid(),
  fc.uuid().map((id) => id.toUpperCase()),
  hexDigits(1, 41),
  hexDigits(120, 128),
  fc.constantFrom('85123A', 'sku-10442', '花茶-3', '0', '00', 'p0', 'p01', String(2 ** 51), String(2 ** 53)),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 }).filter((id) => Buffer.byteLength(id) <= 128),
  fc.constantFrom('x'.repeat(62), 'x'.repeat(63), 'x'.repeat(128)),
);

const someTime = fc.oneof(
  // Baskets, and what follows within the second.
  { weight: 3, arbitrary: fc.constantFrom(NOON_MS, NOON_MS + 7, NOON_MS + 60_000, NOON_MS + 60_007) },
  fc.integer({ min: 0, max: 1_136_073_600 }).map((seconds) => Date.UTC(1990, 0, 1) + seconds * 1_000),
  fc.integer({ min: Date.UTC(2015, 0, 1), max: Date.UTC(2026, 0, 1) }),
  fc.integer({ min: Date.UTC(1990, 0, 1), max: Date.UTC(2125, 0, 1) }),
);

const absentOr = <Value>(some: fc.Arbitrary<Value>) => fc.oneof(fc.constant(undefined), some);

/** Any behaviour that the log can hold, with the context that it would be logged with. */
export const someBehaviour: fc.Arbitrary<BehaviourToLog> = fc
  .record({
    type: fc.constantFrom(...BEHAVIOUR_TYPES),
    target: fc.constantFrom('product', 'shop', 'query', 'query at a shop'),
    productId: someId,
    shop: fc.constantFrom('implied', 'none', 'another'),
    shopId: someId,
    query: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }),
    occurredAtMs: someTime,
    rating: absentOr(fc.integer({ min: 1, max: 5 })),
    dwellMs: absentOr(fc.nat(10_000)),
    revision: fc.oneof(fc.constantFrom(0, 1, 2), fc.nat(1_000_000)),
    pricePercentile: absentOr(fc.double({ min: 0, max: 1, noNaN: true })),
  })
  .map((drawn): BehaviourToLog => {
    const { type, target, occurredAtMs, rating, dwellMs, pricePercentile } = drawn;
    const common: Omit<Behaviour, 'productId'> = {
      eventId: 'told by the caller',
      type,
      userId: 'ann',
      occurredAtMs,
      quantity: 2,
      rating,
      dwellMs,
      sessionId: 'session-1',
      referrer: 'a friend',
    };
    const known = { traits: { gender: 'female' } };
    if (target === 'product') {
      const shopId = { implied: shopOfLogged(drawn), none: undefined, another: drawn.shopId }[drawn.shop];
      return {
        behaviour: { ...common, productId: drawn.productId, query: drawn.query },
        context: { productRevision: drawn.revision, shopId, pricePercentile, ...known },
      };
    }
    const shopId = target === 'query' ? undefined : drawn.shopId;
    const query = target === 'shop' ? undefined : drawn.query;
    return {
      behaviour: { ...common, shopId, query },
      context: { productRevision: 0, shopId, ...known } satisfies BehaviourContext,
    };
  });

function shopOfLogged({ productId, revision }: { productId: string; revision: number }): string | undefined {
  return revision === 0 ? undefined : shopOfOddRevisions(productId, revision);
}
