import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DAY_MS, HOUR_MS } from '../../src/core/time.js';
import { DEFAULT_FAIRNESS_POLICY } from '../../src/fairness/fairnessPolicy.js';
import { AT_REST, fullTarget, type Steering, steer } from '../../src/fairness/steering.js';
import { NOON_MS } from '../support/builders.js';
import { Market } from './market.js';

const POLICY = DEFAULT_FAIRNESS_POLICY;

/** How far the share went beyond the target. */
const overshootOf = (course: readonly Steering[]) =>
  Math.max(...course.map(({ tailShareRatio, targetShareRatio }) => tailShareRatio - targetShareRatio));

/** How often the share passed from clearly above the target to clearly below, or back. */
function ringingOf(course: readonly Steering[], clearly = 0.01): number {
  const sides = course
    .map(({ tailShareRatio, targetShareRatio }) => tailShareRatio - targetShareRatio)
    .filter((error) => Math.abs(error) > clearly)
    .map(Math.sign);
  return sides.filter((side, i) => i > 0 && side !== sides[i - 1]).length;
}

function watch(market: Market, run: (onStep: () => void) => void): Steering[] {
  const course: Steering[] = [];
  run(() => course.push(market.state.steering));
  return course;
}

describe('the loop in a market', () => {
  const market = new Market({ pageBudgetRatio: 0.05 });
  const run = (pages: number, options: { everyMs?: number } = {}) =>
    watch(market, (onStep) => market.run(pages, { ...options, onStep }));

  it('R7: brings the tail to its target from rest, and stays there', () => {
    const course = run(6_000);
    const { naturalShareRatio, targetShareRatio, tailShareRatio } = course.at(-1) as Steering;
    // Alone it wins 0.38 here, twice of which is beyond the half that is the most to be aimed at.
    expect(targetShareRatio).toBeGreaterThan(naturalShareRatio + 0.1);
    expect(targetShareRatio).toBeLessThanOrEqual(0.51);
    expect(Math.abs(tailShareRatio - targetShareRatio)).toBeLessThan(0.015);
    expect(overshootOf(course)).toBeLessThan(0.01);
    expect(ringingOf(course)).toBe(0);
  });

  it('R7: does not swing in a burst of thirty times the traffic, nor after it', () => {
    const course = [...run(6_000, { everyMs: 1_000 }), ...run(1_500)];
    expect(overshootOf(course)).toBeLessThan(0.01);
    expect(ringingOf(course)).toBe(0);
  });

  it('R7: winds nothing up in three days of silence, and asks less of the first pages after them', () => {
    const before = market.state.steering;
    const silence = watch(market, (onStep) => {
      for (let hour = 0; hour < 72; hour++) {
        market.nowMs += HOUR_MS;
        market.step();
        onStep();
      }
    });
    for (const { integral, boost } of silence) {
      expect(integral).toBeCloseTo(before.integral, 6);
      expect(boost).toBeLessThanOrEqual(before.boost + 0.02);
    }
    const after = run(3_000);
    expect(after[0]?.targetShareRatio).toBeLessThan(before.targetShareRatio);
    expect(overshootOf(after)).toBeLessThan(0.02);
    expect(ringingOf(after)).toBeLessThanOrEqual(1);
    expect(
      Math.abs((after.at(-1)?.tailShareRatio ?? 0) - (after.at(-1)?.targetShareRatio ?? 0)),
    ).toBeLessThan(0.01);
  });

  it('R7: follows a tail that changes overnight without ringing', () => {
    const before = new Set(market.state.headShopIds);
    // The ten dearest shops are forgotten, and ten that nobody knew are the fashion.
    for (let shop = 0; shop < 10; shop++) {
      const [high, low] = [market.appeal[shop] as number, market.appeal[90 + shop] as number];
      market.appeal[shop] = low;
      market.appeal[90 + shop] = high;
    }
    const course = run(18_000);
    const changed = market.state.headShopIds.filter((shopId) => !before.has(shopId));
    expect(changed.length).toBeGreaterThanOrEqual(8);
    expect(overshootOf(course)).toBeLessThan(0.08);
    expect(ringingOf(course)).toBeLessThanOrEqual(2);
    const settled = course.slice(-100);
    for (const { tailShareRatio, targetShareRatio } of settled) {
      expect(Math.abs(tailShareRatio - targetShareRatio)).toBeLessThan(0.025);
    }
    expect(ringingOf(settled, 0.005)).toBe(0);
  });

  it('R7: no page gave up more than its budget, and all together much less', () => {
    expect(market.lost.worstRatio).toBeLessThanOrEqual(0.05);
    expect(market.lost.worstRatio).toBeGreaterThan(0.04);
    expect(market.lost.ratio).toBeLessThan(0.02);
    expect(market.lost.ratio).toBeGreaterThan(0.001);
  });
});

describe('the loop where budgets are too small for the target', () => {
  it('R7: does not wind up what it cannot have', () => {
    const market = new Market({ pageBudgetRatio: 0.002 });
    market.run(6_000);
    const { targetShareRatio, tailShareRatio, deliveredRatio, integral } = market.state.steering;
    expect(targetShareRatio - tailShareRatio).toBeGreaterThan(0.05);
    expect(deliveredRatio).toBeLessThan(0.6);
    expect(integral).toBeLessThan(0.5 * POLICY.mostBoost);
    expect(market.lost.worstRatio).toBeLessThanOrEqual(0.002);
  });
});

describe('a step of the loop', () => {
  /** A share that answers the boost by `gain`, remembered as exposure is; one page a minute, a step every ten. */
  function courseOf(gain: number, natural: number, steps: number): Steering[] {
    const course: Steering[] = [];
    let [before, pages, served] = [AT_REST, 0, 0];
    for (let step = 1; step <= steps; step++) {
      const left = 2 ** -(10 / (24 * 60));
      const share = Math.min(1, natural + gain * before.boost);
      pages = pages * left + 10;
      served = served * left + 10 * share;
      before = steer(
        before,
        {
          tailShareRatio: served / pages,
          naturalShareRatio: natural,
          deliveredRatio: 1,
          pages,
          steppedAtMs: NOON_MS + step * 600_000,
        },
        POLICY,
      );
      course.push(before);
    }
    return course;
  }

  it('R7: reaches what can be reached and does not ring, whatever a boost does to the share', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.1, max: 3, noNaN: true }),
        fc.double({ min: 0.02, max: 0.6, noNaN: true }),
        (gain, natural) => {
          const course = courseOf(gain, natural, 4_000);
          // Twenty times the integral goes beyond by 0.001 to 0.006.
          expect(overshootOf(course)).toBeLessThan(1e-6);
          expect(ringingOf(course, 1e-6)).toBe(0);
          const { tailShareRatio, targetShareRatio, boost } = course.at(-1) as Steering;
          const isAtTarget = Math.abs(tailShareRatio - targetShareRatio) < 0.02;
          expect(isAtTarget || boost > 0.5 * POLICY.mostBoost).toBe(true);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('R7: gives boosts between none and the most, whatever it sees', () => {
    const ratio = fc.double({ min: 0, max: 1, noNaN: true });
    const seen = fc.record({
      tailShareRatio: ratio,
      naturalShareRatio: ratio,
      deliveredRatio: ratio,
      pages: fc.double({ min: 0, max: 1e9, noNaN: true }),
      steppedAtMs: fc.integer({ min: 0, max: 4e12 }),
    });
    fc.assert(
      fc.property(fc.array(seen, { maxLength: 30 }), (steps) => {
        let state = AT_REST;
        for (const step of steps) {
          state = steer(state, step, POLICY);
          for (const boost of [state.boost, state.integral]) {
            expect(boost >= 0 && boost <= POLICY.mostBoost).toBe(true);
          }
          expect(Number.isFinite(state.liftRatio)).toBe(true);
        }
      }),
    );
  });

  it('R7: aims at twice what the tail wins by itself, half of everything at most, or at what it is told', () => {
    expect(fullTarget(0.1, {})).toBe(0.2);
    expect(fullTarget(0.4, {})).toBe(0.5);
    expect(fullTarget(0.7, {})).toBe(0.7);
    expect(fullTarget(0.1, { targetTailShareRatio: 0.3 })).toBe(0.3);
    expect(fullTarget(0.4, { targetTailShareRatio: 0.3 })).toBe(0.4);
  });

  it('R7: asks a share of the target in low traffic, half of it at the pages that the policy names', () => {
    const day = { tailShareRatio: 0.1, naturalShareRatio: 0.1, deliveredRatio: 1, steppedAtMs: NOON_MS };
    const targetAt = (pages: number) => {
      let state = AT_REST;
      // The target moves with exposure: enough of it, at this level, for it to arrive.
      for (let i = 0; i < 40; i++) {
        state = steer({ ...state, pages: 0 }, { ...day, pages, steppedAtMs: NOON_MS + i * DAY_MS }, POLICY);
      }
      return state.targetShareRatio;
    };
    expect(targetAt(200)).toBeCloseTo(0.15, 3);
    expect(targetAt(20)).toBeLessThan(0.12);
    expect(targetAt(20_000)).toBeGreaterThan(0.19);
  });
});
