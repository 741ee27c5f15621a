import { describe, expect, it } from 'vitest';
import type { Behaviour } from '../../../src/behaviour/behaviour.js';
import { STARTING_WEIGHTS } from '../../../src/behaviour/weights.js';
import { DAY_MS, MINUTE_MS } from '../../../src/core/time.js';
import type { BehaviourType } from '../../../src/core/vocabulary.js';
import { type ChoiceKind, choicesOf } from '../../../src/training/weights/choiceQuestions.js';
import { CHOSEN_BY } from '../../../src/training/weights/pastCounts.js';
import { aBehaviour, NOON_MS } from '../../support/builders.js';

type Act = readonly [afterMs: number, type: BehaviourType, productId: string];

function questionsOf(
  acts: readonly Act[],
  target: ChoiceKind = 'purchase',
  categories: Record<string, string> = {},
) {
  const own = acts.map(
    ([afterMs, type, productId]): Behaviour =>
      aBehaviour({ type, productId, occurredAtMs: NOON_MS + afterMs }),
  );
  const placeOf = (productId: string) => ({ leafCategory: categories[productId] });
  const { questions } = choicesOf({
    userId: 'user-1',
    own,
    target,
    weights: STARTING_WEIGHTS,
    placeOf,
    seed: 1,
  });
  const byType = (counts: Float64Array) =>
    Object.fromEntries(
      CHOSEN_BY.flatMap((type, at) => (counts[at] ? [[type, Number(counts[at]?.toFixed(6))]] : [])),
    );
  return questions.map(({ chosen, all }) => ({ chosen: byType(chosen), all: byType(all) }));
}

describe('what led up to a choice', () => {
  const past: Act[] = [
    [0, 'browse', 'mug'],
    [MINUTE_MS, 'browse', 'pan'],
    [2 * MINUTE_MS, 'add_to_cart', 'pan'],
  ];

  it('T6: is counted by type, faded by then, right before it and before the visit it was made in', () => {
    const [before, within] = [7 * DAY_MS, 7 * DAY_MS + 10 * MINUTE_MS];
    const questions = questionsOf([
      ...past.map(([, type, productId]): Act => [0, type, productId]),
      [before, 'browse', 'mug'],
      [within, 'purchase', 'pan'],
    ]);
    const cart = 2 ** -0.5;
    expect(questions).toHaveLength(2);
    // Before the visit: a week faded, half a browse each. Right before: with the browse of this visit.
    expect(questions[1]).toEqual({
      chosen: { browse: 0.5, add_to_cart: Number(cart.toFixed(6)) },
      all: { browse: 1, add_to_cart: Number(cart.toFixed(6)) },
    });
    expect(questions[0]?.all.browse).toBeCloseTo(2, 2);
    expect(questions[0]?.chosen.browse).toBeCloseTo(0.5, 2);
  });

  it('is not asked about where nothing was there to choose from, or all of one mixture', () => {
    expect(
      questionsOf([
        [0, 'browse', 'mug'],
        [DAY_MS, 'purchase', 'mug'],
      ]),
    ).toEqual([]);
    expect(questionsOf([...past, [DAY_MS, 'purchase', 'unseen']])).toEqual([]);
    const alike: Act[] = [
      [0, 'browse', 'mug'],
      [0, 'browse', 'pan'],
    ];
    expect(questionsOf([...alike, [DAY_MS, 'purchase', 'pan']])).toEqual([]);
    expect(questionsOf([...past, [DAY_MS, 'purchase', 'pan']])).toHaveLength(2);
  });

  it('R8: leaves out what was ordered, as a choice and as what could be chosen', () => {
    const ordered: Act[] = [...past, [DAY_MS, 'purchase', 'pan']];
    const later: Act[] = [
      [DAY_MS, 'browse', 'jug'],
      [DAY_MS, 'favourite', 'jug'],
    ];
    const questions = questionsOf([...ordered, ...later, [2 * DAY_MS, 'purchase', 'jug']]);
    const ofJug = questions.filter(({ chosen }) => 'favourite' in chosen);
    expect(ofJug).toHaveLength(2);
    for (const { all } of ofJug) expect(Object.keys(all)).toEqual(['favourite', 'browse']);
    expect(questionsOf([...ordered, ...later, [2 * DAY_MS, 'browse', 'pan']], 'next')).toHaveLength(2);
  });

  it('is asked by leaf category as well, where a product is new', () => {
    const categories = { mug: 'mugs', pan: 'pans', wok: 'pans' };
    const questions = questionsOf([...past, [DAY_MS, 'purchase', 'wok']], 'purchase', categories);
    expect(questions).toHaveLength(2);
    expect(Object.keys(questions[0]?.chosen ?? {})).toEqual(['add_to_cart', 'browse']);
  });

  it('is asked at no more than thirty moments of each kind, whoever it is', () => {
    const acts = Array.from({ length: 200 }, (_, day): Act[] => [
      [day * DAY_MS, 'browse', `p${day}`],
      [day * DAY_MS, 'browse', `q${day}`],
      [day * DAY_MS + MINUTE_MS, 'add_to_cart', `p${day}`],
      [day * DAY_MS + 2 * MINUTE_MS, 'purchase', `p${day}`],
    ]);
    const questions = questionsOf(acts.flat());
    expect(questions.length).toBe(30);
  });
});
