import { describe, expect, it } from 'vitest';
import type { LoggedBehaviour } from '../../src/behaviour/behaviour.js';
import { STARTING_WEIGHTS } from '../../src/behaviour/weights.js';
import { DAY_MS, HOUR_MS } from '../../src/core/time.js';
import { spendingLevel } from '../../src/tags/spending.js';
import { applyToUser, emptyUserState, RECENT_KEPT, type UserState } from '../../src/tags/userState.js';
import { longTermVector, shopAffinity, shortTermVector, totalWeight } from '../../src/tags/userVectors.js';
import { aLogged } from '../behaviour/builders.js';
import { NOON_MS } from '../support/builders.js';

/** Every product carries one tag of its own name; a query one of its words. */
const facts = {
  productFacts: (productId: string) => ({
    tags: [{ tag: `category:${productId}`, field: 'category' as const, weight: 1 }],
    leafCategory: 'things',
  }),
  queryTags: (query: string) => [{ tag: `title:${query}`, field: 'title' as const, weight: 1 }],
};

function userAfter(...behaviours: readonly LoggedBehaviour[]): UserState {
  const user = emptyUserState('user-1');
  for (const logged of behaviours) applyToUser(user, logged, { weights: STARTING_WEIGHTS, facts });
  return user;
}

const reading = (nowMs: number) => ({ nowMs, weights: STARTING_WEIGHTS, idf: () => 1 });
const daysAgo = (days: number) => NOON_MS - days * DAY_MS;

describe('what behaviours teach about a person', () => {
  it('T4: a purchase leaves more on its tags than a cart, a favourite, an inquiry or a browse', () => {
    const types = ['purchase', 'add_to_cart', 'favourite', 'inquiry', 'browse'] as const;
    const user = userAfter(...types.map((type) => aLogged({ type, productId: type })));
    const taste = longTermVector(user, reading(NOON_MS));
    const weights = types.map((type) => taste.get(`category:${type}`) as number);
    expect(weights).toEqual([...weights].sort((a, b) => b - a));
    expect(new Set(weights).size).toBe(types.length);
  });

  it('T4: dislike, refund and taking back count against the tags', () => {
    for (const type of ['not_interested', 'refund', 'remove_from_cart', 'remove_favourite'] as const) {
      const user = userAfter(aLogged({ type, productId: 'cravat' }), aLogged({ productId: 'scarf' }));
      for (const vector of [longTermVector, shortTermVector]) {
        expect(vector(user, reading(NOON_MS)).get('category:cravat')).toBeLessThan(0);
      }
    }
  });

  it('T6: an old browse matters less than a fresh one', () => {
    const user = userAfter(
      aLogged({ productId: 'old', occurredAtMs: daysAgo(20) }),
      aLogged({ productId: 'fresh', occurredAtMs: daysAgo(1) }),
    );
    const taste = longTermVector(user, reading(NOON_MS));
    expect(taste.get('category:fresh') as number).toBeGreaterThan(taste.get('category:old') as number);
  });

  it('T6: taste and intent are two vectors: last month’s purchase leads one, today’s search the other', () => {
    const user = userAfter(
      ...[30, 31, 32].map((days) =>
        aLogged({ type: 'purchase', productId: 'powder', occurredAtMs: daysAgo(days) }),
      ),
      aLogged({ type: 'search', productId: undefined, query: 'sofa', occurredAtMs: NOON_MS - HOUR_MS }),
    );
    const [taste, intent] = [longTermVector(user, reading(NOON_MS)), shortTermVector(user, reading(NOON_MS))];
    expect(taste.get('category:powder') as number).toBeGreaterThan(taste.get('title:sofa') as number);
    expect(intent.get('title:sofa') as number).toBeGreaterThan(intent.get('category:powder') ?? 0);
  });

  it('T6: a day halves what is meant by a search, while taste has hardly moved', () => {
    const user = userAfter(aLogged({ type: 'purchase', productId: 'powder' }));
    const fading = (nowMs: number) =>
      totalWeight(user.products.get('powder')?.byType ?? new Map(), reading(nowMs));
    expect(fading(NOON_MS + 90 * DAY_MS)).toBeCloseTo(fading(NOON_MS) / 2, 9);
    expect(fading(NOON_MS + DAY_MS)).toBeGreaterThan(0.99 * fading(NOON_MS));
    expect(shortTermVector(user, reading(NOON_MS + 60 * DAY_MS)).size).toBe(0);
    expect(longTermVector(user, reading(NOON_MS + 60 * DAY_MS)).size).toBe(1);
  });

  it('T5: orders at a shop make its affinity, the returning one more than the first', () => {
    const order = (days: number) => aLogged({ type: 'purchase', occurredAtMs: daysAgo(days) });
    const affinity = (...days: number[]) =>
      shopAffinity(userAfter(...days.map(order)).shops.get('shop-1')?.byType, reading(NOON_MS));
    expect(affinity(0)).toBeCloseTo(1 / 3, 9);
    expect(affinity(0, 1)).toBeGreaterThan(0.5);
    expect(affinity(0, 1, 2)).toBeLessThan(1);
    expect(shopAffinity(undefined, reading(NOON_MS))).toBe(0);
  });

  it('T4: what a person turned away from is not among what they did last', () => {
    const user = userAfter(
      aLogged({ productId: 'glanced', dwellMs: 500 }),
      aLogged({ type: 'review', rating: 1, productId: 'hated' }),
      aLogged({ type: 'review', rating: 5, productId: 'loved' }),
      aLogged({ type: 'not_interested', productId: 'hidden' }),
      aLogged({ productId: 'browsed' }),
    );
    expect(user.recent.map(({ productId }) => productId).sort()).toEqual(['browsed', 'loved']);
  });

  it('R2: remembers the products acted on last, latest first, each once', () => {
    const acts = Array.from({ length: RECENT_KEPT + 10 }, (_, i) =>
      aLogged({ productId: `p${i}`, occurredAtMs: NOON_MS + i }),
    );
    const user = userAfter(...acts, aLogged({ productId: 'p30', occurredAtMs: NOON_MS + 1_000 }));
    expect(user.recent).toHaveLength(RECENT_KEPT);
    expect(user.recent.slice(0, 2).map(({ productId }) => productId)).toEqual(['p30', 'p69']);
  });

  it('R10: stars for a product are no second choice of its price', () => {
    const bought = aLogged({ type: 'purchase' }, { pricePercentile: 0.9 });
    const reviewed = aLogged({ type: 'review', rating: 1 }, { pricePercentile: 0.9 });
    expect(spendingLevel(userAfter(bought, reviewed).spending, 'things', NOON_MS)).toEqual(
      spendingLevel(userAfter(bought).spending, 'things', NOON_MS),
    );
  });
});
