import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  emptySequels,
  type Following,
  forEachSequel,
  noteStep,
  SEQUEL_WINDOW_MS,
  SEQUELS_MOST,
  type Sequels,
  type Step,
} from '../../src/behaviour/sequels.js';
import { DAY_MS, HOUR_MS } from '../../src/core/time.js';
import { NOON_MS } from '../support/builders.js';

function following(sequels: Sequels, of: number, nowMs = NOON_MS): Map<number, Following> {
  const found = new Map<number, Following>();
  forEachSequel(sequels, of, nowMs, (sequel, how) => found.set(sequel, how));
  return found;
}

const share = (sequels: Sequels, of: number, sequel: number) =>
  following(sequels, of).get(sequel)?.share ?? 0;

/** One person takes the products one after another, in the order in which they are told. */
function takes(sequels: Sequels, steps: readonly Step[]): void {
  const before: Step[] = [];
  for (const step of steps) {
    noteStep(sequels, step, before);
    before.unshift(step);
  }
}

const inTurn = (ordinals: readonly number[], gapMs = HOUR_MS): Step[] =>
  ordinals.map((ordinal, i) => ({ ordinal, weight: 8, atMs: NOON_MS + i * gapMs }));

describe('what is taken after a product', () => {
  it('R12: has a direction: the next step of the routine follows the cleanser, not the other way round', () => {
    const sequels = emptySequels();
    const [cleanser, cream] = [1, 2];
    for (let person = 0; person < 5; person++) takes(sequels, inTurn([cleanser, cream]));
    expect(share(sequels, cleanser, cream)).toBeGreaterThan(0.5);
    expect(share(sequels, cream, cleanser)).toBe(0);
  });

  it('R12: of one order, each goes with the other', () => {
    const sequels = emptySequels();
    takes(sequels, inTurn([1, 2], 0));
    expect(share(sequels, 1, 2)).toBeGreaterThan(0);
    expect(share(sequels, 2, 1)).toBe(share(sequels, 1, 2));
  });

  it('R12: what arrives late still follows what came before it', () => {
    const [inOrder, late] = [emptySequels(), emptySequels()];
    const [first, second] = inTurn([1, 2]) as [Step, Step];
    takes(inOrder, [first, second]);
    takes(late, [second, first]);
    expect(following(late, 1)).toEqual(following(inOrder, 1));
    expect(following(late, 2)).toEqual(following(inOrder, 2));
  });

  it('R12: counts more within one sitting than days later, and after weeks no more', () => {
    const [sitting, days, weeks] = [HOUR_MS, 3 * DAY_MS, SEQUEL_WINDOW_MS + 1].map((gapMs) => {
      const sequels = emptySequels();
      takes(sequels, inTurn([1, 2], gapMs));
      return share(sequels, 1, 2);
    });
    expect(sitting as number).toBeGreaterThan(days as number);
    expect(days as number).toBeGreaterThan(0);
    expect(weeks).toBe(0);
  });

  it('R12: one person is no proof: more people make the share larger', () => {
    const sequels = emptySequels();
    takes(sequels, [
      { ordinal: 1, weight: 1, atMs: NOON_MS },
      { ordinal: 2, weight: 1, atMs: NOON_MS },
    ]);
    const once = share(sequels, 1, 2);
    expect(once).toBeLessThan(0.25);
    for (let person = 0; person < 20; person++) takes(sequels, inTurn([1, 2]));
    expect(share(sequels, 1, 2)).toBeGreaterThan(2 * once);
  });

  it('T6: fades: what followed long ago gives way to what follows now', () => {
    const sequels = emptySequels();
    const yearAgo = inTurn([1, 2]).map((step) => ({ ...step, atMs: step.atMs - 365 * DAY_MS }));
    takes(sequels, yearAgo);
    takes(sequels, yearAgo);
    takes(sequels, inTurn([1, 3]));
    expect(share(sequels, 1, 3)).toBeGreaterThan(share(sequels, 1, 2));
  });

  it('property: is kept in bounded memory, in shares of 0 to 1 of which the parts add up to no more than 1', () => {
    const step = fc.record({
      ordinal: fc.nat(40),
      weight: fc.integer({ min: 1, max: 8 }),
      atMs: fc.integer({ min: Date.UTC(1990, 0, 1), max: NOON_MS }),
    });
    fc.assert(
      fc.property(fc.array(fc.tuple(step, fc.array(step, { maxLength: 8 })), { maxLength: 12 }), (acts) => {
        const sequels = emptySequels();
        for (const [act, before] of acts) noteStep(sequels, act, before);
        for (const of of sequels.after.keys()) {
          const all = [...following(sequels, of).values()];
          for (const { share: each } of all) {
            expect(each).toBeGreaterThanOrEqual(0);
            expect(each).toBeLessThanOrEqual(1);
          }
          expect(all.reduce((sum, { part }) => sum + part, 0)).toBeLessThanOrEqual(1 + 1e-9);
        }
      }),
    );
    const sequels = emptySequels();
    takes(sequels, inTurn([0], 0));
    for (let other = 1; other < 5_000; other++) {
      noteStep(sequels, { ordinal: other, weight: 1 + (other % 7), atMs: NOON_MS }, inTurn([0], 0));
    }
    expect(following(sequels, 0).size).toBeLessThanOrEqual(SEQUELS_MOST);
  });
});
