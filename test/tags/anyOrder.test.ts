import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { crowdWeight } from '../../src/behaviour/crowds.js';
import { STARTING_WEIGHTS } from '../../src/behaviour/weights.js';
import { extractQueryTags } from '../../src/catalog/extractTags.js';
import { createTitleSegmenter } from '../../src/catalog/titleSegmenter.js';
import { DAY_MS } from '../../src/core/time.js';
import { BEHAVIOUR_TYPES } from '../../src/core/vocabulary.js';
import { MemoryOnlineState } from '../../src/stores/memory/memoryOnlineState.js';
import { type Audience, traitShares } from '../../src/tags/audience.js';
import { behavioursOf, popularityAt } from '../../src/tags/productState.js';
import { salesOf, shopPopularity } from '../../src/tags/shopState.js';
import { shopVector, tagsOfShop } from '../../src/tags/shopVector.js';
import {
  HISTORY_END_MS,
  HISTORY_PRODUCTS,
  HISTORY_SHOPS,
  historyCatalog,
  someHistoryTwice,
} from '../behaviour/histories.js';
import { expectSameReadings, type Readings } from '../support/readings.js';

const segmenter = createTitleSegmenter();

function anEmptyState(): MemoryOnlineState {
  return new MemoryOnlineState({
    catalog: historyCatalog(),
    weights: STARTING_WEIGHTS,
    queryTags: (query) => extractQueryTags(query, segmenter),
  });
}

/** Every number that ranking and tag reports read of products, shops and crowds, relations aside. */
function readingsOf(state: MemoryOnlineState, nowMs: number): Readings {
  const readings: Readings = new Map();
  readAudience(readings, 'population', state.population, state.population, nowMs);
  readings.set('total popularity', state.totalPopularity(nowMs));
  for (const productId of HISTORY_PRODUCTS) readProduct(readings, state, productId, nowMs);
  for (const shopId of HISTORY_SHOPS) readShop(readings, state, shopId, nowMs);
  for (const [name, crowd] of state.crowds) {
    for (const ordinal of crowd.products.keys()) {
      const id = state.catalog.products.idOf(ordinal);
      readings.set(`${name} chose ${id}`, crowdWeight(crowd, ordinal, nowMs).weight);
    }
    readings.set(`${name} chose`, crowdWeight(crowd, 0, nowMs).total);
  }
  return readings;
}

function readProduct(readings: Readings, state: MemoryOnlineState, productId: string, nowMs: number): void {
  const ordinal = state.catalog.ensureProduct(productId);
  const product = state.productState(ordinal);
  if (product === undefined) return;
  for (const index of [0, 1, 2]) {
    readings.set(`${productId} popularity ${index}`, popularityAt(product, index, nowMs));
  }
  readings.set(`${productId} all time`, product.allTime);
  readings.set(`${productId} rating`, product.ratingSum);
  readings.set(`${productId} ratings`, product.ratingCount);
  readings.set(`${productId} first`, product.firstSeenMs);
  for (const type of BEHAVIOUR_TYPES)
    readings.set(`${productId} ${type}`, behavioursOf(product, type, nowMs));
  readAudience(readings, productId, product.audience, state.population, nowMs);
  const { repeatShareRatio, soonDays, medianDays } = state.repeatOutlook(ordinal);
  readings.set(`${productId} repeat share`, repeatShareRatio);
  readings.set(`${productId} repeats soon`, soonDays);
  readings.set(`${productId} repeats median`, medianDays);
}

function readShop(readings: Readings, state: MemoryOnlineState, shopId: string, nowMs: number): void {
  const shopOrdinal = state.catalog.ensureShop(shopId);
  const shop = state.shopState(shopOrdinal);
  if (shop === undefined) return;
  readings.set(`${shopId} popularity`, shopPopularity(shop, nowMs));
  readings.set(`${shopId} buyers`, shop.buyers);
  readings.set(`${shopId} returning`, shop.returningBuyers);
  readings.set(`${shopId} rating`, shop.ratingSum);
  for (const productId of HISTORY_PRODUCTS) {
    readings.set(`${shopId} sales of ${productId}`, salesOf(shop, productId, nowMs));
  }
  readAudience(readings, shopId, shop.audience, state.population, nowMs);
  const tags = tagsOfShop({ overrides: undefined, catalog: state.catalog, shopOrdinal, state: shop, nowMs });
  for (const [tag, weight] of shopVector(tags, () => 1)) readings.set(`${shopId} tag ${tag}`, weight);
}

function readAudience(
  readings: Readings,
  of: string,
  audience: Audience,
  population: Audience,
  nowMs: number,
): void {
  for (const { dimension, value, shareRatio, tgi } of traitShares(audience, population, nowMs)) {
    readings.set(`${of} share of ${dimension}=${value}`, shareRatio);
    readings.set(`${of} TGI of ${dimension}=${value}`, tgi);
  }
}

describe('products, shops and crowds', () => {
  it('T3 T5 T6: property: any order of the same behaviours gives the same vectors, audiences and figures', async () => {
    await fc.assert(
      fc.asyncProperty(someHistoryTwice, async ([history, shuffled]) => {
        const [inOrder, inAnother] = [anEmptyState(), anEmptyState()];
        await inOrder.apply(history);
        await inAnother.apply(shuffled);
        for (const nowMs of [HISTORY_END_MS, HISTORY_END_MS + 45 * DAY_MS]) {
          expectSameReadings(readingsOf(inAnother, nowMs), readingsOf(inOrder, nowMs));
        }
      }),
      { numRuns: 150 },
    );
  });

  it('T6: property: nothing that is read is ever infinite or not a number, even of a moment long before', async () => {
    await fc.assert(
      fc.asyncProperty(
        someHistoryTwice,
        fc.integer({ min: Date.UTC(1990, 0, 1), max: HISTORY_END_MS }),
        async ([history], nowMs) => {
          const state = anEmptyState();
          await state.apply(history);
          const broken = [...readingsOf(state, nowMs)].filter(([, value]) => !Number.isFinite(value));
          expect(broken).toEqual([]);
        },
      ),
      { numRuns: 100 },
    );
  });
});
