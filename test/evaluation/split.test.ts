import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BehaviourType } from '../../src/core/vocabulary.js';
import { BEHAVIOUR_TYPES } from '../../src/core/vocabulary.js';
import { splitBehaviours } from '../../src/evaluation/split.js';
import { did } from './behaviours.js';

const products = [
  { productId: 'p1', shopId: 's1' },
  { productId: 'p2' },
  { productId: 'p3', createdAtMs: 100 },
];

describe('the split', () => {
  it('keeps apart what a user had touched and what is new to them', () => {
    const split = splitBehaviours({
      behaviours: [
        did('warm', 'browse', 'p1', 10),
        did('warm', 'purchase', 'p1', 100),
        did('warm', 'add_to_cart', 'p2', 120),
        did('warm', 'add_to_cart', 'p2', 130),
        did('cold', 'browse', 'p1', 140),
        did('quiet', 'browse', 'p1', 20),
      ],
      products,
      splitAtMs: 100,
      targetKind: 'any',
    });
    expect(split.users).toEqual([
      {
        userId: 'cold',
        askedAtMs: 100,
        historyLength: 0,
        seenTargets: [],
        newTargets: ['p1'],
        unreachableTargets: 0,
      },
      {
        userId: 'warm',
        askedAtMs: 100,
        historyLength: 1,
        seenTargets: ['p1'],
        newTargets: ['p2'],
        unreachableTargets: 0,
      },
    ]);
    expect(split.before).toHaveLength(2);
    expect(split.behavioursAfter).toBe(4);
  });

  it('takes positive behaviours as targets, or purchases alone', () => {
    const behaviours = BEHAVIOUR_TYPES.map((type) => did('u', type, type, 200));
    const targets = (targetKind: 'any' | 'purchase') =>
      splitBehaviours({ behaviours, products: [], splitAtMs: 100, targetKind }).users[0]?.newTargets;
    expect(targets('purchase')).toEqual(['purchase']);
    expect(targets('any')).toEqual([
      'purchase',
      'add_to_cart',
      'favourite',
      'inquiry',
      'follow',
      'share',
      'search',
      'browse',
    ]);
  });

  it('lets only products be recommended that existed before it, and counts the others as targets', () => {
    const split = splitBehaviours({
      behaviours: [did('u', 'browse', 'unlisted', 50, 's9'), did('u', 'browse', 'later', 150)],
      products,
      splitAtMs: 100,
      targetKind: 'any',
    });
    expect([...split.catalogue]).toEqual([
      ['p1', 's1'],
      ['p2', undefined],
      ['unlisted', 's9'],
    ]);
    expect(split.users[0]?.newTargets).toEqual(['later']);
  });

  it('refuses a time that is none', () => {
    expect(() =>
      splitBehaviours({ behaviours: [], products: [], splitAtMs: Number.NaN, targetKind: 'any' }),
    ).toThrow('split_at');
  });

  it('leaks nothing: whatever happens later, the past and the catalogue stay the same', () => {
    const behaviour = fc.record({
      user: fc.constantFrom('u1', 'u2', 'u3'),
      type: fc.constantFrom<BehaviourType>(...BEHAVIOUR_TYPES),
      product: fc.constantFrom('p1', 'p2', 'p4', 'p5'),
      atMs: fc.integer({ min: 0, max: 200 }),
    });
    fc.assert(
      fc.property(fc.array(behaviour), (drawn) => {
        const behaviours = drawn.map((each) => did(each.user, each.type, each.product, each.atMs));
        const cut = (of: typeof behaviours) =>
          splitBehaviours({ behaviours: of, products, splitAtMs: 100, targetKind: 'any' });
        const whole = cut(behaviours);
        const pastAlone = cut(behaviours.filter(({ occurredAtMs }) => occurredAtMs < 100));
        expect(whole.before).toEqual(pastAlone.before);
        expect([...whole.catalogue]).toEqual([...pastAlone.catalogue]);
        expect(whole.before.every(({ occurredAtMs }) => occurredAtMs < 100)).toBe(true);
        expect(pastAlone.users).toEqual([]);
      }),
    );
  });

  it('coming back to what was ordered is no next choice, ordering it again is (R8)', () => {
    const behaviours = [
      did('u', 'purchase', 'sofa', 10),
      did('u', 'purchase', 'milk', 20),
      did('u', 'browse', 'sofa', 110),
      did('u', 'purchase', 'milk', 120),
      did('u', 'browse', 'lamp', 130),
    ];
    const targets = (targetKind: 'next' | 'any') =>
      splitBehaviours({ behaviours, products: [], splitAtMs: 100, targetKind }).users.flatMap(
        ({ seenTargets, newTargets }) => [...seenTargets, ...newTargets],
      );
    expect(targets('next').sort()).toEqual(['lamp', 'milk']);
    expect(targets('any').sort()).toEqual(['lamp', 'milk', 'sofa']);
  });
});
