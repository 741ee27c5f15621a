import fc from 'fast-check';
import { did } from './behaviours.js';

const productId = fc.constantFrom('p1', 'p2', 'p3', 'p4', 'p5', 'p6');
const atMs = fc.integer({ min: 0, max: 60 });
const type = fc.constantFrom('browse' as const, 'purchase' as const, 'refund' as const);

/** Small logs in which moments, people and products meet again and again. */
export const drawnLog = fc
  .array(
    fc.record({
      userId: fc.constantFrom('u1', 'u2', 'u3'),
      type,
      productId,
      atMs,
      shopId: fc.constantFrom(undefined, 's1', 's2'),
    }),
    { maxLength: 40 },
  )
  .map((drawn) => drawn.map((each) => did(each.userId, each.type, each.productId, each.atMs, each.shopId)));

/** Catalogues that know some of these products, some of them from a moment on. */
export const drawnProducts = fc.uniqueArray(
  fc.record({
    productId,
    shopId: fc.constantFrom(undefined, 's1', 's3'),
    createdAtMs: fc.option(atMs, { nil: undefined }),
  }),
  { selector: (product) => product.productId },
);
