import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTrack } from '../../src/behaviour/track.js';
import type { RawBehaviour } from '../../src/behaviour/validateBehaviour.js';
import { STARTING_WEIGHTS } from '../../src/behaviour/weights.js';
import { UnavailableError } from '../../src/core/errors.js';
import { HOUR_MS } from '../../src/core/time.js';
import { MemoryOnlineState } from '../../src/stores/memory/memoryOnlineState.js';
import { openTruth, type Truth } from '../../src/stores/postgres/openTruth.js';
import { popularityAt } from '../../src/tags/productState.js';
import { longTermVector, shopAffinity } from '../../src/tags/userVectors.js';
import { aBehaviour, aContext, NOON_MS } from '../support/builders.js';
import { fixedClock } from '../support/clock.js';
import { expectSameReadings, type Readings } from '../support/readings.js';
import { historyCatalog } from './histories.js';

function aState(): MemoryOnlineState {
  return new MemoryOnlineState({ catalog: historyCatalog(), weights: STARTING_WEIGHTS, queryTags: () => [] });
}

/** What a reader sees of the person and the product. */
async function seen(state: MemoryOnlineState, userId: string): Promise<Readings> {
  const readings: Readings = new Map([['version', state.version]]);
  const reading = { nowMs: NOON_MS, weights: STARTING_WEIGHTS, idf: () => 1 };
  const user = await state.readUser(userId);
  if (user !== undefined) {
    for (const [tag, weight] of longTermVector(user, reading)) readings.set(tag, weight);
    for (const [shopId, { byType }] of user.shops) readings.set(shopId, shopAffinity(byType, reading));
    for (const [type, { count }] of user.products.get('linen')?.byType ?? []) readings.set(type, count);
  }
  const product = state.productState(state.catalog.products.of('linen'));
  if (product !== undefined) {
    readings.set('popularity', popularityAt(product, 1, NOON_MS));
    readings.set('ratings', product.ratingCount);
    readings.set('buyers', product.repeat.buyers);
  }
  return readings;
}

describe('track, on a log in PGlite', () => {
  let truth: Truth;
  beforeAll(async () => {
    truth = await openTruth({ dataDir: 'memory' });
  });
  afterAll(async () => {
    await truth?.close();
  });

  const trackInto = (state: MemoryOnlineState) =>
    createTrack({
      log: truth.behaviourLog,
      contextsOf: async (behaviours) =>
        behaviours.map(() =>
          aContext({ shopId: 'clothes', productRevision: 1, traits: { gender: 'female' } }),
        ),
      onLogged: (logged) => state.apply(logged),
      clock: fixedClock(),
    });

  let people = 0;
  const purchase = (userId: string): RawBehaviour =>
    aBehaviour({ type: 'purchase', userId, productId: 'linen' });

  it('T4: what was accepted is in the state before the answer, and the answer says how far', async () => {
    const state = aState();
    const { outcomes, watermark } = await trackInto(state)([purchase('ann')]);
    expect(outcomes).toEqual([{ status: 'accepted' }]);
    expect((await seen(state, 'ann')).get('category:clothing/shirts')).toBeGreaterThan(0);
    expect(watermark).toBe(String(state.appliedSeq()));
    expect(state.appliedSeq()).toBeGreaterThan(0);
  });

  it('T4: keeps the good events of a batch and names the bad ones, each in its place', async () => {
    const state = aState();
    const { outcomes } = await trackInto(state)([
      purchase('cy'),
      { ...purchase('cy'), type: 'teleport' },
      { ...purchase('cy'), occurredAtMs: NOON_MS + 2 * HOUR_MS },
      purchase('cy'),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(['accepted', 'rejected', 'rejected', 'accepted']);
    expect(outcomes[1]).toMatchObject({ violations: [{ field: 'events[1].type' }] });
    expect(outcomes[2]).toMatchObject({ violations: [{ field: 'events[2].occurred_at' }] });
    expect((await state.readUser('cy'))?.products.get('linen')?.byType.get('purchase')?.count).toBe(2);
  });

  it('T4: property: a duplicate changes nothing, in its own batch, a later one, or one at the same time', async () => {
    const types = fc.constantFrom('browse', 'purchase', 'refund', 'review', 'add_to_cart');
    await fc.assert(
      fc.asyncProperty(
        fc.array(types, { minLength: 1, maxLength: 8 }),
        fc.array(fc.nat(7), { minLength: 1, maxLength: 8 }),
        async (kinds, repeats) => {
          people += 1;
          const userId = `repeats-${people}`;
          const events = kinds.map((type) => ({ ...purchase(userId), type, rating: 5 }));
          const again = repeats.map((at) => events[at % events.length] as RawBehaviour);

          const once = aState();
          await trackInto(once)(events.map((event) => ({ ...event, eventId: `${event.eventId}-once` })));
          const repeatedly = aState();
          const track = trackInto(repeatedly);
          const [first, atOnce] = await Promise.all([track([...events, ...again]), track(again)]);
          const later = await track(again);

          expect(later.outcomes.every(({ status }) => status === 'duplicate')).toBe(true);
          const accepted = [...first.outcomes, ...atOnce.outcomes].filter(
            ({ status }) => status === 'accepted',
          );
          expect(accepted).toHaveLength(events.length);
          expectSameReadings(await seen(repeatedly, userId), await seen(once, userId));
        },
      ),
      { numRuns: 12 },
    );
  });

  it('leaves the state alone when the log cannot be written', async () => {
    const state = aState();
    const track = createTrack({
      log: { ...truth.behaviourLog, append: () => Promise.reject(new UnavailableError('gone')) },
      contextsOf: async (behaviours) => behaviours.map(() => aContext()),
      onLogged: (logged) => state.apply(logged),
      clock: fixedClock(),
    });
    await expect(track([purchase('di')])).rejects.toBeInstanceOf(UnavailableError);
    expect(await state.readUser('di')).toBeUndefined();
  });

  it('answers an empty batch', async () => {
    expect(await trackInto(aState())([])).toEqual({ outcomes: [], watermark: '0' });
  });
});
