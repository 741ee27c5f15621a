import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { STARTING_WEIGHTS } from '../../src/behaviour/weights.js';
import { type CatalogIndex, createCatalogIndex } from '../../src/catalog/catalogIndex.js';
import { FEATURES, featureMatrix, featureSchemaHash } from '../../src/ranking/features/index.js';
import { categoryIntent, categoryTaste } from '../../src/ranking/features/match.js';
import { PopularityBoards } from '../../src/ranking/popularityBoards.js';
import { hydrateQuery, type Query } from '../../src/ranking/query.js';
import { MemoryOnlineState } from '../../src/stores/memory/memoryOnlineState.js';
import { aLogged } from '../behaviour/builders.js';
import { HISTORY_END_MS, HISTORY_USERS, historyCatalog, someHistory } from '../behaviour/histories.js';
import { NOON_MS } from '../support/builders.js';
import { aRankRequest } from './storefront.js';

function aState(catalog: CatalogIndex): MemoryOnlineState {
  return new MemoryOnlineState({ catalog, weights: STARTING_WEIGHTS, queryTags: () => [] });
}

async function queryOf(state: MemoryOnlineState, userId: string, nowMs: number): Promise<Query> {
  return hydrateQuery({
    request: aRankRequest({ userId }),
    user: await state.readUser(userId),
    traits: { gender: 'female', age_band: '25-29' },
    state,
    boards: new PopularityBoards(state),
    weights: STARTING_WEIGHTS,
    nowMs,
  });
}

describe('features', () => {
  it('have names of their own, and a schema that changes with any of them', () => {
    expect(new Set(FEATURES.map(({ name }) => name)).size).toBe(FEATURES.length);
    const [first, ...rest] = FEATURES as [(typeof FEATURES)[number]];
    const hashes = [
      FEATURES,
      [...rest, first],
      rest,
      [{ ...first, default: first.default + 1 }, ...rest],
      [{ ...first, name: 'another' }, ...rest],
    ].map((features) => featureSchemaHash(features));
    expect(new Set(hashes).size).toBe(hashes.length);
    expect(featureSchemaHash()).toBe(hashes[0]);
  });

  it('R4: are their defaults for a newcomer and a product of which nothing is known', async () => {
    const state = aState(createCatalogIndex());
    const ordinal = state.catalog.ensureProduct('blank');
    const query = await queryOf(state, 'nobody', NOON_MS);
    const differing = FEATURES.filter((feature) => feature.value(query, ordinal) !== feature.default);
    expect(differing.map(({ name }) => name)).toEqual([]);
  });

  it('stand in the matrix row by row, in their order', async () => {
    const state = aState(historyCatalog());
    const ordinals = [0, 1, 2];
    const query = await queryOf(state, 'nobody', NOON_MS);
    const matrix = featureMatrix(query, { ordinals, sourceBits: [1, 1, 1] });
    const expected = ordinals.flatMap((ordinal) => FEATURES.map((feature) => feature.value(query, ordinal)));
    expect([...matrix]).toEqual(expected.map(Math.fround));
  });

  it('T1: hear nothing of a category that was vetoed for the product', async () => {
    const state = aState(historyCatalog());
    await state.apply([
      aLogged({ type: 'purchase', userId: 'ann', productId: 'linen' }, { productRevision: 2 }),
    ]);
    const query = await queryOf(state, 'ann', NOON_MS);
    const linen = state.catalog.products.of('linen');
    const heard = () => [categoryTaste, categoryIntent].map((feature) => feature.value(query, linen));
    const tag = `category:${state.catalog.leafCategoryOf(linen)}`;
    for (const value of heard()) expect(value).toBeGreaterThan(0);
    state.catalog.overrideTags('linen', new Map([[tag, { word: { action: 'veto' } }]]));
    expect(heard()).toEqual([0, 0]);
  });

  it('property: are the same however the log was cut into batches', async () => {
    await fc.assert(
      fc.asyncProperty(someHistory, async (history) => {
        const [whole, oneByOne] = [aState(historyCatalog()), aState(historyCatalog())];
        await whole.apply(history);
        for (const logged of history) await oneByOne.apply([logged]);
        for (const userId of HISTORY_USERS) {
          const ordinals = [...Array(whole.catalog.products.size).keys()];
          const [a, b] = await Promise.all(
            [whole, oneByOne].map(async (state) =>
              featureMatrix(await queryOf(state, userId, HISTORY_END_MS), {
                ordinals,
                sourceBits: ordinals.map(() => 1),
              }),
            ),
          );
          expect(b).toEqual(a);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('property: are finite whatever happened, at any moment after it', async () => {
    await fc.assert(
      fc.asyncProperty(someHistory, fc.nat(5_000), async (history, hoursLater) => {
        const state = aState(historyCatalog());
        await state.apply(history);
        for (const userId of HISTORY_USERS) {
          const query = await queryOf(state, userId, HISTORY_END_MS + hoursLater * 3_600_000);
          for (let ordinal = 0; ordinal < state.catalog.products.size; ordinal++) {
            const broken = FEATURES.filter((feature) => !Number.isFinite(feature.value(query, ordinal)));
            expect(broken.map(({ name }) => name)).toEqual([]);
          }
        }
      }),
      { numRuns: 100 },
    );
  });
});
