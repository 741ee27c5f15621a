import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defaultTouchPolicy } from '../../src/touch/defaultTouchPolicy.js';
import { parseTouchPolicy } from '../../src/touch/parseTouchPolicy.js';
import type { TouchPolicy } from '../../src/touch/touchPolicy.js';
import { touchPolicyViolations } from '../../src/touch/validateTouchPolicy.js';
import { writeTouchPolicy } from '../../src/touch/writeTouchPolicy.js';
import { policyFacts, policyOf } from './model/policies.js';

/** Without what is not there: a file does not tell absent from undefined, nor no promotions from none. */
function told({ promotions, ...policy }: TouchPolicy): unknown {
  const some = promotions !== undefined && promotions.length > 0;
  return JSON.parse(JSON.stringify({ ...policy, version: 1, ...(some && { promotions }) }));
}

describe('a policy written as a file', () => {
  it('is read back as it was, whatever it is', () => {
    const learning = fc.constantFrom(
      undefined,
      { budget: { shadow: true }, exceptCampaignTypes: ['content'] },
      {
        campaignTypes: ['promotion'],
        budget: { defaultPerDay: 0.5, unsubscribeCost: 60, shadow: false },
        goodHour: { exploredRatio: 0.02, shadow: true },
      },
    );
    let written = 0;
    fc.assert(
      fc.property(policyFacts, learning, (facts, learns) => {
        const policy = {
          ...policyOf(7, { facts, startMs: Date.UTC(2027, 0, 1) }),
          ...(learns !== undefined && { learning: learns }),
        };
        if (touchPolicyViolations(policy).length > 0) return;
        written += 1;
        expect(told(parseTouchPolicy(writeTouchPolicy(policy)))).toEqual(told(policy));
      }),
    );
    expect(written).toBeGreaterThan(50);
  });

  it('is the shipped one where that is', () => {
    const shipped = defaultTouchPolicy();
    expect(told(parseTouchPolicy(writeTouchPolicy(shipped)))).toEqual(told(shipped));
  });
});
