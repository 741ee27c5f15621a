import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HOUR_MS } from '../../../src/core/time.js';
import { pastOf } from '../../../src/evaluation/baselines/past.js';
import { type SessionKnnSettings, sessionKnn } from '../../../src/evaluation/baselines/sessionKnn.js';
import { visitsOf } from '../../../src/evaluation/baselines/visits.js';
import { did } from '../behaviours.js';

const gapMs = HOUR_MS;
const SETTINGS: SessionKnnSettings = { remembered: 10, compared: 500, nearest: 100, ownProducts: true };

function listsOf(
  behaviours: readonly ReturnType<typeof did>[],
  settings: Partial<SessionKnnSettings> = {},
  filler: readonly number[] = [],
) {
  const past = pastOf(behaviours);
  const merged = { ...SETTINGS, ...settings };
  const visits = visitsOf({ past, gapMs });
  const recommender = sessionKnn({ past, visits, filler: () => filler, settings: merged });
  return (userId: string, k = 10) => recommender.recommend({ userId, k, nowMs: 0 });
}

describe('visits', () => {
  it('end at a pause longer than the gap, and hold each product once', () => {
    const past = pastOf([
      did('a', 'browse', 'p', 0),
      did('b', 'browse', 'q', 1),
      did('a', 'browse', 'p', HOUR_MS),
      did('a', 'purchase', 'q', 2 * HOUR_MS),
      did('a', 'browse', 'r', 3 * HOUR_MS + 1),
    ]);
    const { products, byProduct } = visitsOf({ past, gapMs });
    expect(products.map((each) => each.map((at) => past.productIds[at]))).toEqual([['p', 'q'], ['q'], ['r']]);
    // The first visit took q after the second one had.
    expect(byProduct[past.productIds.indexOf('q')]).toEqual([1, 0]);
  });

  it('go on with what is new, as if all had been there from the start', () => {
    const behaviours = [
      did('a', 'browse', 'p', 0),
      did('b', 'browse', 'q', 1),
      did('a', 'browse', 'new', HOUR_MS),
      did('b', 'browse', 'p', 3 * HOUR_MS),
    ];
    const past = pastOf(behaviours.slice(0, 2));
    const visits = visitsOf({ past, gapMs });
    past.learn({ nowMs: 4 * HOUR_MS, behaviours: behaviours.slice(2) });
    visits.catchUp();
    const whole = visitsOf({ past: pastOf(behaviours), gapMs });
    expect(visits.products).toEqual(whole.products);
    expect(visits.byProduct).toEqual(whole.byProduct);
    expect(visits.products).toHaveLength(3);
  });
});

describe('session kNN', () => {
  const world = [
    did('a', 'browse', 'coat', 1 * HOUR_MS),
    did('a', 'browse', 'scarf', 1 * HOUR_MS),
    did('b', 'browse', 'coat', 2 * HOUR_MS),
    did('b', 'browse', 'boots', 2 * HOUR_MS),
    did('b', 'browse', 'lamp', 2 * HOUR_MS),
    did('c', 'browse', 'lamp', 3 * HOUR_MS),
    did('c', 'browse', 'bulb', 3 * HOUR_MS),
    did('d', 'browse', 'lamp', 4 * HOUR_MS),
    did('me', 'browse', 'lamp', 5 * HOUR_MS),
    did('me', 'browse', 'coat', 9 * HOUR_MS),
  ];

  it('lets the visits most like the latest products vote, worked out by hand', async () => {
    // Remembered: coat (1), lamp (½). Voices: b 1.5 × 0.9, a and my own of coat 1 × 0.9, the others
    // with lamp ½ × 0.8. Six visits: coat in 3 of them, lamp in 4, scarf, boots and bulb in 1 each.
    // boots 1.35·ln 6 = 2.42, coat 3.15·ln 2 = 2.18, scarf 0.9·ln 6 = 1.61,
    // lamp 2.55·ln 1.5 = 1.03, bulb 0.4·ln 6 = 0.72.
    expect(await listsOf(world)('me')).toEqual(['boots', 'coat', 'scarf', 'lamp', 'bulb']);
  });

  it('leaves own products out when told so, also when it fills up', async () => {
    const past = pastOf(world);
    const filler = ['lamp', 'bulb', 'scarf'].map((id) => past.productIds.indexOf(id));
    expect(await listsOf(world, { ownProducts: false }, filler)('me')).toEqual(['boots', 'scarf', 'bulb']);
    expect(await listsOf(world, {}, filler)('newcomer')).toEqual(['lamp', 'bulb', 'scarf']);
  });

  it('remembers no more than it is told to, and asks the latest visits alone', async () => {
    // Nothing but coat: bulb shares no visit with it, and boots and scarf have one voice each.
    expect(await listsOf(world, { remembered: 1 })('me')).toEqual(['coat', 'scarf', 'boots', 'lamp']);
    // Of the visits with coat or lamp the latest two are my own.
    expect(await listsOf(world, { compared: 2 })('me')).toEqual(['coat', 'lamp']);
  });

  it('counts visits that came later', async () => {
    const past = pastOf(world);
    const visits = visitsOf({ past, gapMs });
    const recommender = sessionKnn({
      past,
      visits,
      filler: () => [],
      settings: { ...SETTINGS, remembered: 1 },
    });
    const behaviours = [
      did('e', 'browse', 'coat', 10 * HOUR_MS),
      did('e', 'browse', 'umbrella', 10 * HOUR_MS),
    ];
    await recommender.learn?.({ nowMs: 11 * HOUR_MS, round: 0, shops: [], products: [], behaviours });
    expect(await recommender.recommend({ userId: 'me', k: 10, nowMs: 11 * HOUR_MS })).toContain('umbrella');
  });

  it('answers each person the same, whoever was asked before', async () => {
    const drawn = fc.record({
      user: fc.constantFrom('u1', 'u2', 'u3'),
      product: fc.constantFrom('p1', 'p2', 'p3', 'p4', 'p5'),
      hours: fc.integer({ min: 0, max: 40 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(drawn, { minLength: 1 }), async (log) => {
        const behaviours = log
          .map(({ user, product, hours }) => did(user, 'browse', product, hours * HOUR_MS))
          .sort((a, b) => a.occurredAtMs - b.occurredAtMs);
        const asked = listsOf(behaviours);
        const alone = await Promise.all(['u1', 'u2', 'u3'].map((user) => listsOf(behaviours)(user)));
        expect([await asked('u1'), await asked('u2'), await asked('u3')]).toEqual(alone);
        for (const list of alone) expect(new Set(list).size).toBe(list.length);
      }),
    );
  });
});
