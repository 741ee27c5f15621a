import { describe, expect, it } from 'vitest';
import type { LoggedBehaviour } from '../../src/behaviour/behaviour.js';
import { STARTING_WEIGHTS } from '../../src/behaviour/weights.js';
import { DAY_MS } from '../../src/core/time.js';
import { AudienceFold } from '../../src/tags/audienceFold.js';
import { applyToUser, emptyUserState } from '../../src/tags/userState.js';
import { aLogged } from '../behaviour/builders.js';
import { NOON_MS } from '../support/builders.js';

const facts = {
  productFacts: (productId: string) => ({
    tags: [
      { tag: `category:${productId}`, field: 'category' as const, weight: 1 },
      { tag: 'brand:acme', field: 'brand' as const, weight: 1 },
    ],
    leafCategory: productId,
  }),
  queryTags: () => [],
};

/** What each behaviour leaves in the end on its product and shop, by the spending level it counts for. */
function left(arrivals: readonly LoggedBehaviour[], of: readonly LoggedBehaviour[] = arrivals) {
  const user = emptyUserState('ann');
  const rules = { weights: STARTING_WEIGHTS, facts };
  const fold = new AudienceFold(rules);
  const sums = new Map<
    LoggedBehaviour,
    { weight: number; audienceWeight: number; levels: Map<string, number> }
  >();
  for (const arrival of arrivals) {
    const { deltas } = fold.around(user, arrival, () => applyToUser(user, arrival, rules));
    for (const { of, weight, audienceWeight, traits } of deltas) {
      const sum = sums.get(of) ?? { weight: 0, audienceWeight: 0, levels: new Map<string, number>() };
      const level = traits.spending_level ?? '';
      sum.levels.set(level, (sum.levels.get(level) ?? 0) + audienceWeight);
      sums.set(of, {
        weight: sum.weight + weight,
        audienceWeight: sum.audienceWeight + audienceWeight,
        levels: sum.levels,
      });
    }
  }
  return of.map((logged) => {
    const { weight = 0, audienceWeight = 0, levels } = sums.get(logged) ?? {};
    const [level = ''] = [...(levels ?? [])].find(([, sum]) => Math.abs(sum) > 1e-9) ?? [];
    return { weight: rounded(weight), audienceWeight: rounded(audienceWeight), level };
  });
}

function rounded(value: number): number {
  return Math.round(value * 1e9) / 1e9;
}

const buy = (days: number, productId = 'kettle', pricePercentile?: number) =>
  aLogged({ type: 'purchase', productId, occurredAtMs: NOON_MS + days * DAY_MS }, { pricePercentile });

describe('what people leave on products and shops', () => {
  it('T5: a returning buyer strengthens the shop most, and more so the clearer the buyer', () => {
    const clear = [buy(0), buy(14)];
    const blurred = [...'abcdefghijklmnopq'].map((productId) => buy(0, productId));
    const [first, ofClear] = left(clear);
    const ofBlurred = left([...blurred, buy(14)]).at(-1);
    const strongestOther = Math.max(
      ...Object.entries(STARTING_WEIGHTS).map(([type, { weight }]) => (type === 'purchase' ? 0 : weight)),
    );
    expect(first?.audienceWeight).toBeGreaterThan(strongestOther);
    expect(ofBlurred?.audienceWeight).toBeGreaterThan(first?.audienceWeight as number);
    expect(ofClear?.audienceWeight).toBeGreaterThan(ofBlurred?.audienceWeight as number);
    expect(ofClear?.audienceWeight).toBeCloseTo(1.5 * (ofClear?.weight as number), 9);
    // A first order says nothing of loyalty, however clear the buyer.
    expect(first?.audienceWeight).toBe(first?.weight);
    expect(ofClear?.weight).toBe(ofBlurred?.weight);
  });

  it('T3: a buyer counts for the crowd that their earlier purchases put them in', () => {
    const dear = [0, 1, 2].map((days) => buy(days, 'kettle', 0.95));
    const levels = left([...dear, buy(14), buy(200)]).map(({ level }) => level);
    expect(levels).toEqual(['', '', '', 'high', '']);
  });

  it('T3 T5: purchases that arrive late change what the later ones leave, as if they had come in order', () => {
    const history = [
      ...[0, 1, 2, 8].map((days) => buy(days, 'kettle', 0.05)),
      buy(9, 'pan', 0.1),
      buy(15, 'kettle', 0.95),
      ...[30, 31, 45].map((days) => buy(days, 'cup', 0.95)),
    ];
    const inOrder = left(history);
    expect(new Set(inOrder.map(({ level }) => level))).toEqual(new Set(['', 'low', 'middle']));
    expect(left([...history].reverse(), history)).toEqual(inOrder);
    expect(
      left([...history.filter((_, i) => i % 2 === 1), ...history.filter((_, i) => i % 2 === 0)], history),
    ).toEqual(inOrder);
  });

  it('T4: what is no purchase counts for what was told of the person alone', () => {
    const favourite = aLogged({ type: 'favourite', occurredAtMs: NOON_MS + 14 * DAY_MS });
    const dear = [0, 1, 2].map((days) => buy(days, 'kettle', 0.95));
    expect(left([...dear, favourite]).at(-1)).toEqual({ weight: 4, audienceWeight: 4, level: '' });
  });
});
