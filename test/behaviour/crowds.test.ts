import { describe, expect, it } from 'vitest';
import { addToCrowds, type Crowd, type Crowds, crowdNames, crowdWeight } from '../../src/behaviour/crowds.js';
import { DAY_MS } from '../../src/core/time.js';
import { NOON_MS } from '../support/builders.js';

function crowdsAfter(...adds: readonly { traits: object; ordinal: number; weight: number; atMs: number }[]) {
  const crowds: Crowds = new Map();
  for (const add of adds) addToCrowds(crowds, add);
  return crowds;
}

describe('crowds', () => {
  it('R3: a person is in one crowd for each trait that is known', () => {
    expect(crowdNames({})).toEqual([]);
    expect(crowdNames({ gender: 'female', age_band: '25-29', spending_level: 'high' })).toEqual([
      'age_band=25-29',
      'gender=female',
      'spending_level=high',
    ]);
  });

  it('R3: what a person chooses counts for each of their crowds, and fades', () => {
    const traits = { age_band: '25-29', gender: 'female' };
    const crowds = crowdsAfter({ traits, ordinal: 3, weight: 8, atMs: NOON_MS });
    for (const name of crowdNames(traits)) {
      const crowd = crowds.get(name) as Crowd;
      expect(crowdWeight(crowd, 3, NOON_MS).weight).toBeCloseTo(8, 9);
      expect(crowdWeight(crowd, 3, NOON_MS + 30 * DAY_MS)).toEqual({
        weight: expect.closeTo(4, 9) as number,
        total: expect.closeTo(4, 9) as number,
      });
      expect(crowdWeight(crowd, 4, NOON_MS).weight).toBe(0);
    }
  });

  it('R3: decades between choices change no weight: a late one weighs as if it had come in time', () => {
    const traits = { gender: 'male' };
    const early = { traits, ordinal: 1, weight: 8, atMs: Date.UTC(1995, 0, 1) };
    const recent = { traits, ordinal: 2, weight: 5, atMs: NOON_MS };
    const [inTime, late] = [crowdsAfter(early, recent), crowdsAfter(recent, early)].map(
      (crowds) => crowds.get('gender=male') as Crowd,
    );
    expect(crowdWeight(inTime as Crowd, 2, NOON_MS).weight).toBeCloseTo(5, 9);
    expect(crowdWeight(late as Crowd, 2, NOON_MS).weight).toBeCloseTo(5, 9);
    expect(crowdWeight(late as Crowd, 2, NOON_MS).total).toBeCloseTo(5, 9);
  });

  it('R3: what was taken back never weighs below nothing', () => {
    const traits = { gender: 'male' };
    const crowds = crowdsAfter({ traits, ordinal: 1, weight: -6, atMs: NOON_MS });
    expect(crowdWeight(crowds.get('gender=male') as Crowd, 1, NOON_MS)).toEqual({ weight: 0, total: 0 });
  });
});
