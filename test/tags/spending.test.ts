import { describe, expect, it } from 'vitest';
import { DAY_MS } from '../../src/core/time.js';
import {
  addChoice,
  emptySpending,
  priceFit,
  type SpendingState,
  spendingLevel,
  spendingTrait,
} from '../../src/tags/spending.js';
import { NOON_MS } from '../support/builders.js';

function choices(category: string, ...percentiles: number[]): SpendingState {
  const state = emptySpending();
  for (const percentile of percentiles) addChoice(state, { category, percentile, weight: 8, atMs: NOON_MS });
  return state;
}

describe('spending level', () => {
  it('R10: nothing known is the middle of the range, without evidence', () => {
    expect(spendingLevel(emptySpending(), 'coats', NOON_MS)).toEqual({
      mean: 0.5,
      variance: 0.0625,
      evidence: 0,
    });
    expect(spendingTrait(emptySpending(), NOON_MS)).toBeUndefined();
  });

  it('R10: choices at the dear end raise the level, the more of them the more', () => {
    const means = [1, 2, 10].map(
      (count) => spendingLevel(choices('coats', ...Array<number>(count).fill(0.95)), 'coats', NOON_MS).mean,
    );
    expect(means).toEqual([...means].sort((a, b) => a - b));
    expect(means[0] as number).toBeGreaterThan(0.5);
    expect(means[2] as number).toBeGreaterThan(0.85);
    expect(means[2] as number).toBeLessThan(0.95);
  });

  it('R10: the level is the category’s own: dear coats and cheap socks are one person', () => {
    const state = choices('coats', 0.9, 0.9, 0.9, 0.9);
    for (const _ of [1, 2, 3, 4]) {
      addChoice(state, { category: 'socks', percentile: 0.1, weight: 8, atMs: NOON_MS });
    }
    const mean = (category: string) => spendingLevel(state, category, NOON_MS).mean;
    expect(mean('coats')).toBeGreaterThan(0.7);
    expect(mean('socks')).toBeLessThan(0.3);
    expect(mean('hats')).toBeCloseTo(0.5, 6);
  });

  it('R10: too dear deters more than too cheap', () => {
    const level = { mean: 0.5, variance: 0.01, evidence: 8 };
    expect(priceFit(level, 0.5)).toBe(1);
    expect(priceFit(level, 0.7)).toBeLessThan(priceFit(level, 0.3));
    expect(priceFit(level, 0.3)).toBeLessThan(1);
  });

  it('T3: two purchases make a spending level a trait, and half a year unmakes it', () => {
    expect(spendingTrait(choices('coats', 0.95), NOON_MS)).toBeUndefined();
    const state = choices('coats', 0.95, 0.95, 0.95);
    expect(spendingTrait(state, NOON_MS)).toBe('high');
    expect(spendingTrait(choices('coats', 0.05, 0.05, 0.05), NOON_MS)).toBe('low');
    expect(spendingTrait(choices('coats', 0.5, 0.5, 0.5), NOON_MS)).toBe('middle');
    expect(spendingTrait(state, NOON_MS + 180 * DAY_MS)).toBeUndefined();
  });
});
