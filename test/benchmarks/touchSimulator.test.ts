import { describe, expect, it } from 'vitest';
import { fixedCap, learnedBudget, oracle } from '../../benchmarks/touchSimulator/policies.js';
import { netPerPerson, simulate } from '../../benchmarks/touchSimulator/simulate.js';

const SETTINGS = { seed: 3, people: 150, days: 120, riskPower: 2, unsubscribeCost: 60 };
const net = (...[policy, settings]: Parameters<typeof simulate>) =>
  netPerPerson(simulate(policy, settings), settings.unsubscribeCost);

describe('the touch simulator', () => {
  it('gives the same seed the same lives', () => {
    expect(simulate(learnedBudget('good'), SETTINGS)).toEqual(simulate(learnedBudget('good'), SETTINGS));
  });

  it('keeps every policy to its pace', () => {
    const { sends } = simulate(fixedCap(1 / 7, 'asked'), SETTINGS);
    expect(sends).toBeLessThanOrEqual(SETTINGS.people * Math.ceil(SETTINGS.days / 7));
    expect(simulate(fixedCap(1, 'asked'), SETTINGS).sends).toBeLessThanOrEqual(
      SETTINGS.people * SETTINGS.days,
    );
  });

  it('C1, C2: ranks ignorance, the learned budget, its good hour and the truth in this order', () => {
    const everybodyDaily = net(fixedCap(1, 'asked'), SETTINGS);
    const learned = net(learnedBudget('asked'), SETTINGS);
    const atGoodHours = net(learnedBudget('good'), SETTINGS);
    expect(learned).toBeGreaterThan(everybodyDaily);
    expect(atGoodHours).toBeGreaterThan(learned);
    expect(net(oracle, SETTINGS)).toBeGreaterThan(atGoodHours);
  });
});
