import { describe, expect, it } from 'vitest';
import { InvalidInputError } from '../../src/core/errors.js';
import { DEFAULT_FAIRNESS_POLICY } from '../../src/fairness/fairnessPolicy.js';
import { parseFairnessPolicy } from '../../src/fairness/parseFairnessPolicy.js';

const violationsOf = (text: string) => {
  try {
    parseFairnessPolicy(text);
  } catch (error) {
    if (error instanceof InvalidInputError) return error.violations.map(({ field }) => field);
    throw error;
  }
  return [];
};

describe('a fairness policy from a file', () => {
  it('is the shipped one where it says nothing', () => {
    expect(parseFairnessPolicy('')).toEqual(DEFAULT_FAIRNESS_POLICY);
    expect(parseFairnessPolicy('# nothing but a comment\n')).toEqual(DEFAULT_FAIRNESS_POLICY);
    expect(parseFairnessPolicy('enabled: false')).toEqual({ ...DEFAULT_FAIRNESS_POLICY, isEnabled: false });
  });

  it('says what it changes, and leaves the rest', () => {
    const text = `
      target_tail_share_ratio: 0.3
      page_budget_ratio: 0.01
      exposure_half_life_ms: 3600000
      new_shops: { exposure_floor: 50 }`;
    const { newShops, ...shipped } = DEFAULT_FAIRNESS_POLICY;
    expect(parseFairnessPolicy(text)).toEqual({
      ...shipped,
      targetTailShareRatio: 0.3,
      pageBudgetRatio: 0.01,
      exposureHalfLifeMs: 3_600_000,
      newShops: { ...newShops, exposureFloor: 50 },
    });
  });

  it('is refused with everything that is wrong', () => {
    const wrong = 'page_budget_ratio: 2\nheld_out_ratio: some\nbugdet: 1\nnew_shops: { floor: 1 }';
    expect(violationsOf(wrong)).toEqual(['page_budget_ratio', 'held_out_ratio', 'new_shops.floor', 'bugdet']);
    expect(violationsOf('target_tail_share_ratio: -1')).toEqual(['target_tail_share_ratio']);
    expect(violationsOf('- a list')).toEqual(['policy']);
    expect(violationsOf('{')).toEqual(['policy']);
  });
});
