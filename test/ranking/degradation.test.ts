import { describe, expect, it } from 'vitest';
import { STARTING_WEIGHTS } from '../../src/behaviour/weights.js';
import { UnavailableError } from '../../src/core/errors.js';
import type { Model } from '../../src/inference/model.js';
import { FEATURES } from '../../src/ranking/features/index.js';
import { NO_OVERRIDES } from '../../src/tags/overrideIndex.js';
import type { People } from '../../src/tags/people.js';
import { rankOf } from '../support/rankOf.js';
import { readsOf } from '../support/reads.js';
import { aRankRequest, type Storefront, shelf, storefronts } from './storefront.js';

const aStorefront = storefronts();

/** Scores rows by their number, so that the order of the answer shows whether the model was heard. */
function aModel(
  score: Model['score'] = async (_, rows) => Float32Array.from({ length: rows }, (_, i) => i),
): Model {
  return { version: 'test-1', featureCount: FEATURES.length, score, close: async () => {} };
}

function rankWith(shop: Storefront, { model, people = shop.app.people }: { model?: Model; people?: People }) {
  const failures: string[] = [];
  const rank = rankOf({
    overrides: NO_OVERRIDES,
    reads: readsOf(people),
    state: shop.app.state,
    model: () => model,
    weights: STARTING_WEIGHTS,
    clock: shop.clock,
    maxCandidates: 2_000,
    onDegraded: (stage) => failures.push(stage),
  });
  return { rank, failures };
}

const unreadable: People = { readPerson: () => Promise.reject(new UnavailableError('no answer')) };

async function aTeaShop(): Promise<Storefront> {
  const shop = await aStorefront();
  await shop.sells(...shelf('tea', 3), ...shelf('tool', 3));
  await shop.did('ann', 'favourite', 'tea-0');
  await shop.did('bo', 'browse', 'tool-0');
  return shop;
}

describe('how much of the pipeline answered', () => {
  it('is full with a model, whose version the answer names', async () => {
    const shop = await aTeaShop();
    const { rank, failures } = rankWith(shop, { model: aModel() });
    const answer = await rank(aRankRequest({ userId: 'ann', candidateIds: ['tool-1', 'tea-1', 'tool-2'] }));
    expect(answer).toMatchObject({ degradationLevel: 'full', degradationReason: '', modelVersion: 'test-1' });
    expect(answer.items.map(({ productId }) => productId)).toEqual(['tool-2', 'tea-1', 'tool-1']);
    expect(failures).toEqual([]);
  });

  it('is no_model without one, and the lists still make sense', async () => {
    const shop = await aTeaShop();
    const answer = await shop.asks('ann', { candidateIds: ['tool-1', 'tea-1'] });
    expect(answer).toMatchObject({
      degradationLevel: 'no_model',
      degradationReason: 'no model is loaded',
      modelVersion: '',
    });
    expect(answer.items[0]?.productId).toBe('tea-1');
  });

  it('is no_model when the model fails, and the failure is told', async () => {
    const shop = await aTeaShop();
    const failing = aModel(() => Promise.reject(new Error('broken')));
    const { rank, failures } = rankWith(shop, { model: failing });
    const answer = await rank(aRankRequest({ userId: 'ann', candidateIds: ['tool-1', 'tea-1'] }));
    expect(answer).toMatchObject({
      degradationLevel: 'no_model',
      degradationReason: 'the model failed',
      modelVersion: '',
    });
    expect(answer.items[0]?.productId).toBe('tea-1');
    expect(failures).toEqual(['model']);
  });

  it('is popular when the person cannot be read, with a list all the same', async () => {
    const shop = await aTeaShop();
    const { rank, failures } = rankWith(shop, { model: aModel(), people: unreadable });
    const answer = await rank(aRankRequest({ userId: 'ann' }));
    expect(answer).toMatchObject({
      degradationLevel: 'popular',
      degradationReason: 'user state could not be read',
      modelVersion: '',
    });
    expect(answer.items[0]?.productId).toBe('tea-0');
    expect(answer.items.length).toBeGreaterThan(1);
    expect(failures).toEqual(['read_user']);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])('is no_model when the model gives %s', async (score) => {
    const shop = await aTeaShop();
    const { rank } = rankWith(shop, { model: aModel(async (_, rows) => new Float32Array(rows).fill(score)) });
    const answer = await rank(aRankRequest({ userId: 'ann', candidateIds: ['tool-1', 'tea-1'] }));
    expect(answer.degradationLevel).toBe('no_model');
    expect(answer.items.every(({ score }) => Number.isFinite(score))).toBe(true);
  });
});

describe('asking', () => {
  it('changes nothing of what is known: the same question again reads the same state', async () => {
    const shop = await aTeaShop();
    const before = {
      user: structuredClone(await shop.app.state.readUser('ann')),
      product: structuredClone(shop.app.state.productState(0)),
      shop: structuredClone(shop.app.state.shopState(0)),
      version: shop.app.state.version,
      people: shop.app.state.userCount,
      products: shop.app.state.catalog.products.size,
    };
    for (const userId of ['ann', 'never-heard-of']) await shop.asks(userId, { contextProductId: 'ghost' });
    expect({
      user: await shop.app.state.readUser('ann'),
      product: shop.app.state.productState(0),
      shop: shop.app.state.shopState(0),
      version: shop.app.state.version,
      people: shop.app.state.userCount,
      products: shop.app.state.catalog.products.size,
    }).toEqual(before);
  });
});
