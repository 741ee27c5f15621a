import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { STARTING_WEIGHTS } from '../../../src/behaviour/weights.js';
import { createCatalogIndex } from '../../../src/catalog/catalogIndex.js';
import { DAY_MS } from '../../../src/core/time.js';
import { BEHAVIOUR_TYPES, type BehaviourType } from '../../../src/core/vocabulary.js';
import type { Model } from '../../../src/inference/model.js';
import { intent as intentAdjustment } from '../../../src/ranking/adjustments/intent.js';
import {
  intentChance,
  MOST_BY_INTENT,
  unheardIntent,
} from '../../../src/ranking/adjustments/unheardIntent.js';
import { FEATURES } from '../../../src/ranking/features/index.js';
import { PopularityBoards } from '../../../src/ranking/popularityBoards.js';
import { hydrateQuery } from '../../../src/ranking/query.js';
import type { RankedItem } from '../../../src/ranking/rankRequest.js';
import { MemoryOnlineState } from '../../../src/stores/memory/memoryOnlineState.js';
import { NO_OVERRIDES } from '../../../src/tags/overrideIndex.js';
import type { OverridesByTag } from '../../../src/tags/tagOverride.js';
import { HISTORY_END_MS, HISTORY_USERS, historyCatalog, someHistory } from '../../behaviour/histories.js';
import { rankOf } from '../../support/rankOf.js';
import { readsOf } from '../../support/reads.js';
import { aRankRequest, itemOf, type Storefront, shelf, storefronts } from '../storefront.js';

const aStorefront = storefronts();

/** Knows what sells and nothing else, as a fit to purchases does that never saw a cart. */
function popularityModel(fittedTo: readonly BehaviourType[] | undefined): Model {
  const column = FEATURES.findIndex(({ name }) => name === 'popularity_month');
  return {
    version: 'sales-1',
    featureCount: FEATURES.length,
    fittedTo,
    score: async (matrix, rows) =>
      Float32Array.from(
        { length: rows },
        (_, row) => 3 * (matrix[row * FEATURES.length + column] as number) - 3,
      ),
    close: async () => {},
  };
}

function rankIn(shop: Storefront, fittedTo: readonly BehaviourType[] | undefined) {
  return rankOf({
    overrides: NO_OVERRIDES,
    reads: readsOf(shop.app.people),
    state: shop.app.state,
    model: () => popularityModel(fittedTo),
    weights: STARTING_WEIGHTS,
    clock: shop.clock,
    maxCandidates: 2_000,
    onDegraded: (_, cause) => {
      throw cause;
    },
  });
}

/** Milk that everybody buys, and things for dogs that nobody bought yet. */
async function aGrocer(): Promise<Storefront> {
  const shop = await aStorefront();
  await shop.sells(...shelf('milk', 6), ...shelf('dog', 6, { title: 'Dog food' }));
  for (let i = 0; i < 12; i++) await shop.did(`buyer-${i}`, 'purchase', `milk-${i % 6}`, { daysAgo: 2 });
  return shop;
}

/** What intent added of what relevance lacked of 1: comparable between products, as the factor is not. */
function addedTo({ relevance, adjustments }: RankedItem): number {
  const odds = (relevance / (1 - relevance)) * (adjustments.intent as number);
  return (odds / (1 + odds) - relevance) / (1 - relevance);
}

const intents = ({ items }: { items: readonly { adjustments: Readonly<Record<string, number>> }[] }) =>
  new Set(items.map(({ adjustments }) => adjustments.intent));

describe('what a model was not fitted to', () => {
  it('R2: what a person carts, favours and looks at comes first all the same, and what is like it follows', async () => {
    const shop = await aGrocer();
    const rank = rankIn(shop, ['purchase']);
    expect((await rank(aRankRequest({ userId: 'lena' }))).items[0]?.productId).toMatch(/^milk/);
    for (const id of ['dog-0', 'dog-1', 'dog-2']) await shop.did('lena', 'browse', id);
    await shop.did('lena', 'favourite', 'dog-1');
    await shop.did('lena', 'add_to_cart', 'dog-2');
    const answer = await rank(aRankRequest({ userId: 'lena' }));
    expect(answer.items.slice(0, 3).map(({ productId }) => productId)).toEqual(['dog-2', 'dog-1', 'dog-0']);
    const added = (id: string) => addedTo(itemOf(answer, id));
    expect(added('dog-3')).toBeLessThan(added('dog-0'));
    expect(added('dog-3')).toBeGreaterThan(added('milk-0') + 0.1);
  });

  it('R2: a search alone brings what carries its words, before what merely sells', async () => {
    const shop = await aGrocer();
    await shop.did('lena', 'search', undefined, { query: 'dog food' });
    const answer = await rankIn(shop, ['purchase'])(aRankRequest({ userId: 'lena', pageSize: 6 }));
    expect(answer.items.filter(({ productId }) => productId.startsWith('dog')).length).toBeGreaterThan(0);
    expect(itemOf(answer, 'dog-0').adjustments.intent).toBeGreaterThan(2);
  });

  it('R2: whoever follows a shop is shown its products before those of others', async () => {
    const shop = await aGrocer();
    const ask = aRankRequest({ userId: 'lena', candidateIds: ['milk-0', 'dog-0'] });
    await shop.did('lena', 'follow', undefined, { shopId: 'dog-shop' });
    const { items } = await rankIn(shop, ['purchase'])(ask);
    expect(items.find(({ productId }) => productId === 'dog-0')?.adjustments.intent).toBeGreaterThan(1);
    expect(items.find(({ productId }) => productId === 'milk-0')?.adjustments.intent).toBe(1);
  });

  it('T6: fades within days, and what is taken back counts no more', async () => {
    const shop = await aGrocer();
    const rank = rankIn(shop, ['purchase']);
    const intentOf = async (userId: string) => addedTo(itemOf(await rank(aRankRequest({ userId })), 'dog-0'));
    await shop.did('lena', 'browse', 'dog-0');
    await shop.did('mia', 'add_to_cart', 'dog-0', { daysAgo: 0.1 });
    const carted = await intentOf('mia');
    await shop.did('mia', 'remove_from_cart', 'dog-0');
    expect(await intentOf('mia')).toBeLessThan(carted);
    const fresh = await intentOf('lena');
    shop.clock.stepMs(4 * DAY_MS);
    const later = await intentOf('lena');
    expect(fresh).toBeGreaterThan(0.2);
    expect(later).toBeLessThan(fresh / 4);
  });
});

describe('what a model was fitted to', () => {
  async function aBusyGrocer(): Promise<Storefront> {
    const shop = await aGrocer();
    await shop.did('lena', 'browse', 'dog-0');
    await shop.did('lena', 'purchase', 'milk-0');
    return shop;
  }

  it.each([
    ['all of it', BEHAVIOUR_TYPES],
    ['what this person did', ['purchase', 'browse'] as const],
    ['what its manifest does not say', undefined],
  ])('is left to the model: %s', async (_, fittedTo) => {
    const shop = await aBusyGrocer();
    const answer = await rankIn(shop, fittedTo)(aRankRequest({ userId: 'lena' }));
    expect(intents(answer)).toEqual(new Set([1]));
  });

  it('is heard once when no model answers: the hand-set scorer knows all of it', async () => {
    const shop = await aBusyGrocer();
    const answer = await shop.asks('lena');
    expect(answer.degradationLevel).toBe('no_model');
    expect(intents(answer)).toEqual(new Set([1]));
  });
});

it('R2: property: intent never lowers, adds at most 0.7 of what relevance lacks of 1, and is finite', async () => {
  const catalog = historyCatalog();
  await fc.assert(
    fc.asyncProperty(
      someHistory,
      fc.subarray([...BEHAVIOUR_TYPES]),
      fc.double({ min: 0.001, max: 0.999, noNaN: true }),
      async (history, fittedTo, relevance) => {
        const state = new MemoryOnlineState({ catalog, weights: STARTING_WEIGHTS, queryTags: () => [] });
        await state.apply(history);
        for (const userId of HISTORY_USERS) {
          const user = await state.readUser(userId);
          const query = hydrateQuery({
            request: aRankRequest({ userId }),
            user,
            traits: {},
            state,
            boards: new PopularityBoards(state),
            weights: STARTING_WEIGHTS,
            nowMs: HISTORY_END_MS,
          });
          const intent = unheardIntent(query, { user, fittedTo });
          for (let ordinal = 0; ordinal < catalog.products.size; ordinal++) {
            const logOdds = Float32Array.of(Math.log(relevance / (1 - relevance)));
            const candidates = { ordinals: [ordinal], sourceBits: [0] };
            const page = { query, candidates, logOdds, served: { timesByProduct: new Map() }, intent };
            const factor = intentAdjustment.oddsFactor(page, 0);
            expect(factor).toBeGreaterThanOrEqual(1);
            const odds = Math.exp(logOdds[0] as number) * factor;
            const chance = intent === undefined ? 0 : intentChance(intent, ordinal);
            expect(chance).toBeLessThanOrEqual(MOST_BY_INTENT);
            expect(odds / (1 + odds)).toBeCloseTo(relevance + chance * (1 - relevance), 5);
          }
        }
      },
    ),
    { numRuns: 60 },
  );
});

it('T6: is of no tag that an operator settled', async () => {
  const shop = await aGrocer();
  await shop.did('lena', 'browse', 'dog-0');
  const { state, people } = shop.app;
  const { state: user } = await people.readPerson('lena');
  const tag = 'category:goods/dog';
  const said = { subject: { kind: 'user', userId: 'lena' }, tag, setBy: 'olga', setAtMs: 0, seq: 1 } as const;
  const sharesUnder = (overrides: OverridesByTag | undefined) => {
    const query = hydrateQuery({
      request: aRankRequest({ userId: 'lena' }),
      user,
      traits: {},
      overrides,
      state,
      boards: new PopularityBoards(state),
      weights: STARTING_WEIGHTS,
      nowMs: shop.clock.nowMs(),
    });
    return unheardIntent(query, { user, fittedTo: ['purchase'] })?.tagShares;
  };
  const dog = state.catalog.tags.of(tag);
  expect(sharesUnder(undefined)?.has(dog)).toBe(true);
  for (const word of [{ action: 'veto' }, { action: 'lock', weight: 0.5 }] as const) {
    const shares = sharesUnder(new Map([[tag, { ...said, word }]]));
    expect(shares?.size).toBeGreaterThan(0);
    expect(shares?.has(dog)).toBe(false);
  }
});

it('is nothing for somebody of whom nothing is known', () => {
  const state = new MemoryOnlineState({
    catalog: createCatalogIndex(),
    weights: STARTING_WEIGHTS,
    queryTags: () => [],
  });
  const query = hydrateQuery({
    request: aRankRequest(),
    user: undefined,
    traits: {},
    state,
    boards: new PopularityBoards(state),
    weights: STARTING_WEIGHTS,
    nowMs: HISTORY_END_MS,
  });
  expect(unheardIntent(query, { user: undefined, fittedTo: ['purchase'] })).toBeUndefined();
});
