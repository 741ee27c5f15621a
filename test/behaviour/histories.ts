import fc from 'fast-check';
import type { LoggedBehaviour } from '../../src/behaviour/behaviour.js';
import { type CatalogIndex, createCatalogIndex } from '../../src/catalog/catalogIndex.js';
import { extractTags } from '../../src/catalog/extractTags.js';
import { createTitleSegmenter } from '../../src/catalog/titleSegmenter.js';
import { DAY_MS, MINUTE_MS } from '../../src/core/time.js';
import { BEHAVIOUR_TYPES } from '../../src/core/vocabulary.js';
import { aProduct } from '../support/builders.js';

const segmenter = createTitleSegmenter();

export const HISTORY_PRODUCTS = ['linen', 'silk', 'kettle', 'unheard-of'] as const;
export const HISTORY_SHOPS = ['clothes', 'kitchen'] as const;
export const HISTORY_USERS = ['ann', 'bo'] as const;

/** Three products of two shops, the first of them in two revisions; the fourth is not described. */
export function historyCatalog(): CatalogIndex {
  const catalog = createCatalogIndex();
  const linen = aProduct({ productId: 'linen', shopId: 'clothes', title: 'Linen shirt' });
  const revisions = [
    { product: linen, revision: 1 },
    { product: { ...linen, categoryPath: ['clothing', 'summer'], title: 'Cool shirt' }, revision: 2 },
    {
      product: aProduct({ productId: 'silk', shopId: 'clothes', attributes: { fabric: 'silk' } }),
      revision: 1,
    },
    {
      product: aProduct({
        productId: 'kettle',
        shopId: 'kitchen',
        title: 'Steel kettle',
        categoryPath: ['home', 'kettles'],
      }),
      revision: 1,
    },
  ];
  for (const revision of revisions) catalog.upsertProduct(revision, extractTags(revision.product, segmenter));
  return catalog;
}

/** The latest moment of a history. */
export const HISTORY_END_MS = Date.UTC(2025, 5, 30);

/** Decades apart, so that landmarks move; within a day, so that caps bite; and weeks, as people shop. */
const someTime = fc.oneof(
  { weight: 4, arbitrary: fc.nat(3 * 24 * 60).map((minutes) => HISTORY_END_MS - minutes * MINUTE_MS) },
  { weight: 3, arbitrary: fc.nat(400).map((days) => HISTORY_END_MS - days * DAY_MS) },
  { weight: 1, arbitrary: fc.constantFrom(1991, 1999, 2012).map((year) => Date.UTC(year, 3, 1)) },
);

const shopOf = { linen: 'clothes', silk: 'clothes', kettle: 'kitchen', 'unheard-of': undefined } as const;

const someLogged = fc
  .record({
    type: fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom('browse' as const, 'purchase' as const) },
      { weight: 2, arbitrary: fc.constantFrom(...BEHAVIOUR_TYPES) },
    ),
    userId: fc.constantFrom(...HISTORY_USERS),
    productId: fc.constantFrom(...HISTORY_PRODUCTS, undefined),
    revision: fc.constantFrom(1, 2),
    occurredAtMs: someTime,
    rating: fc.constantFrom(undefined, 1, 2, 4, 5),
    dwellMs: fc.constantFrom(undefined, 500, 5_000),
    pricePercentile: fc.constantFrom(undefined, 0.1, 0.5, 0.9),
    age: fc.constantFrom(undefined, '25-29', '50-54'),
    gender: fc.constantFrom(undefined, 'female', 'male'),
  })
  .map((drawn): Omit<LoggedBehaviour, 'seq'> => {
    const { type, userId, productId, occurredAtMs, rating, dwellMs } = drawn;
    const shopId = productId === undefined ? undefined : shopOf[productId];
    const describedAt = productId === 'linen' ? drawn.revision : 1;
    return {
      behaviour: {
        eventId: '',
        type,
        userId,
        occurredAtMs,
        quantity: 1,
        ...(productId === undefined ? { query: 'linen shirt' } : { productId }),
        ...(rating !== undefined && { rating }),
        ...(dwellMs !== undefined && { dwellMs }),
      },
      context: {
        productRevision: shopId === undefined ? 0 : describedAt,
        ...(shopId !== undefined && { shopId }),
        ...(drawn.pricePercentile !== undefined && { pricePercentile: drawn.pricePercentile }),
        traits: {
          ...(drawn.age !== undefined && { age_band: drawn.age }),
          ...(drawn.gender !== undefined && { gender: drawn.gender }),
        },
      },
    };
  });

/** A log of behaviours, each with a seq and an event id of its own. */
export const someHistory = fc
  .array(someLogged, { minLength: 1, maxLength: 60 })
  .map((rows): LoggedBehaviour[] =>
    rows.map(({ behaviour, context }, i) => ({
      behaviour: { ...behaviour, eventId: `event-${i}` },
      context,
      seq: i + 1,
    })),
  );

/** The same log, and in another order of arrival. */
export const someHistoryTwice = someHistory.chain((history) =>
  fc.tuple(
    fc.constant(history),
    fc.shuffledSubarray(history, { minLength: history.length, maxLength: history.length }),
  ),
);
