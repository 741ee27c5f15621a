import { describe, expect, it } from 'vitest';
import type { LoggedBehaviour } from '../../src/behaviour/behaviour.js';
import { countBehaviour, emptyCounting } from '../../src/behaviour/counting.js';
import { STARTING_WEIGHTS } from '../../src/behaviour/weights.js';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/core/time.js';
import { NOON_MS } from '../support/builders.js';
import { aLogged } from './builders.js';

/** What each behaviour is worth in the end, in whatever order they came. */
function worth(arrivals: readonly LoggedBehaviour[], of: readonly LoggedBehaviour[] = arrivals): number[] {
  const state = emptyCounting();
  const own = new Map<LoggedBehaviour, number>();
  for (const arrival of arrivals) {
    for (const delta of countBehaviour(state, arrival, STARTING_WEIGHTS)) {
      own.set(delta.of, (own.get(delta.of) ?? 0) + delta.weight);
    }
  }
  return of.map((logged) => own.get(logged) ?? 0);
}

describe('counting behaviours', () => {
  it('T4: the first three browses of a product in a day count, the fourth does not', () => {
    const browses = [0, 1, 2, 3].map((i) => aLogged({ occurredAtMs: NOON_MS + i * MINUTE_MS }));
    expect(worth(browses)).toEqual([1, 1, 1, 0]);
  });

  it('T4: an earlier browse that arrives late takes the place of the latest one', () => {
    const browses = [0, 1, 2, 3].map((i) => aLogged({ occurredAtMs: NOON_MS + i * MINUTE_MS }));
    expect(worth([...browses].reverse(), browses)).toEqual([1, 1, 1, 0]);
  });

  it('T4: another product and another day have browses of their own', () => {
    const today = [0, 1, 2, 3].map((i) => aLogged({ occurredAtMs: NOON_MS + i }));
    const other = aLogged({ productId: 'product-2', occurredAtMs: NOON_MS + 10 });
    const tomorrow = aLogged({ occurredAtMs: NOON_MS + DAY_MS });
    expect(worth([...today, other, tomorrow])).toEqual([1, 1, 1, 0, 1, 1]);
  });

  it('T4: a glance of less than three seconds does not count, one of unknown length does', () => {
    const browses = [2_999, 3_000, undefined].map((dwellMs) => aLogged({ dwellMs }));
    expect(worth(browses)).toEqual([0, 1, 1]);
  });

  it('T4: a review weighs by its stars, one without stars nothing', () => {
    const reviews = [1, 3, 5, undefined].map((rating) => aLogged({ type: 'review', rating }));
    expect(worth(reviews)).toEqual([-2, 0, 2, 0]);
  });

  it('T5: the second and third order at a shop weigh more, several lines of one day as one order', () => {
    const buy = (days: number, hours = 0) =>
      aLogged({ type: 'purchase', occurredAtMs: NOON_MS + days * DAY_MS + hours * HOUR_MS });
    const own = worth([buy(0), buy(0, 1), buy(5), buy(9), buy(9, 2)]);
    expect(own[0]).toBe(8);
    expect(own[1]).toBe(8);
    expect(own[2]).toBeCloseTo(8 * (1 + 0.5 * Math.log(2)), 9);
    expect(own[3]).toBeCloseTo(8 * (1 + 0.5 * Math.log(3)), 9);
    expect(own[4]).toBe(own[3]);
  });

  it('T5: an order that arrives late makes the later ones returning orders', () => {
    const orders = [0, 5, 9].map((days) =>
      aLogged({ type: 'purchase', occurredAtMs: NOON_MS + days * DAY_MS }),
    );
    const inOrder = worth(orders);
    const late = worth([orders[2], orders[1], orders[0]] as LoggedBehaviour[], orders);
    for (const [i, expected] of inOrder.entries()) expect(late[i]).toBeCloseTo(expected, 9);
  });

  it('T5: orders at different shops are first orders each', () => {
    const orders = ['shop-1', 'shop-2'].map((shopId, i) =>
      aLogged({ type: 'purchase', occurredAtMs: NOON_MS + i * DAY_MS }, { shopId }),
    );
    expect(worth(orders)).toEqual([8, 8]);
  });
});
