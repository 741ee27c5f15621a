import { describe, expect, it } from 'vitest';
import { DAY_MS } from '../../src/core/time.js';
import {
  type Audience,
  addToAudience,
  audienceFit,
  TGI_PRIOR_WEIGHT,
  traitShares,
} from '../../src/tags/audience.js';
import { NOON_MS } from '../support/builders.js';

function anAudience(byAge: Readonly<Record<string, number>>, atMs = NOON_MS): Audience {
  const audience: Audience = new Map();
  for (const [age, weight] of Object.entries(byAge)) {
    addToAudience(audience, { traits: { age_band: age }, weight, atMs });
  }
  return audience;
}

function shareOf(audience: Audience, population: Audience, value: string, nowMs = NOON_MS) {
  return traitShares(audience, population, nowMs).find((share) => share.value === value);
}

const EVERYBODY = anAudience({ '25-29': 2_000, '30-34': 8_000 });

describe('audiences', () => {
  it('T3: a trait as common in a shop as everywhere has an index of 100', () => {
    const share = shareOf(anAudience({ '25-29': 20, '30-34': 80 }), EVERYBODY, '25-29');
    expect(share?.tgi).toBeCloseTo(100, 9);
    expect(share?.shareRatio).toBeCloseTo(0.2, 9);
    expect(share?.overallShareRatio).toBeCloseTo(0.2, 9);
  });

  it('T3: a shop whose buyers are mostly 25–29 carries that label, smoothed by 200 counts', () => {
    // (800 + 200·0.2) / (1000 + 200) / 0.2
    const share = shareOf(anAudience({ '25-29': 800, '30-34': 200 }), EVERYBODY, '25-29');
    expect(share?.shareRatio).toBeCloseTo(0.8, 9);
    expect(share?.tgi).toBeCloseTo((100 * (800 + TGI_PRIOR_WEIGHT * 0.2)) / 1_200 / 0.2, 9);
    expect(share?.tgi).toBeCloseTo(350, 9);
  });

  it('T3: ten purchases are no proof: the same shares of a small shop stay near 100', () => {
    const tgi = shareOf(anAudience({ '25-29': 80 }), EVERYBODY, '25-29')?.tgi as number;
    expect(tgi).toBeCloseTo((100 * (80 + 40)) / 280 / 0.2, 9);
    expect(tgi).toBeLessThan(500 / 2);
  });

  it('T3 T6: who bought long ago says less and less against the prior', () => {
    const audience = anAudience({ '25-29': 800, '30-34': 200 });
    const tgis = [0, 90, 360, 1_800].map(
      (days) => shareOf(audience, EVERYBODY, '25-29', NOON_MS + days * DAY_MS)?.tgi as number,
    );
    expect(tgis).toEqual([...tgis].sort((a, b) => b - a));
    expect(tgis[3]).toBeCloseTo(100, 0);
  });

  it('T3: an audience that only took back has no shares', () => {
    expect(traitShares(anAudience({ '25-29': -6 }), EVERYBODY, NOON_MS)).toEqual([]);
    expect(traitShares(new Map(), EVERYBODY, NOON_MS)).toEqual([]);
    expect(traitShares(anAudience({ '25-29': 8 }), new Map(), NOON_MS)).toEqual([]);
  });

  it('R5: a person fits an audience that is like them, and one of which nothing is known neither way', () => {
    const shares = traitShares(anAudience({ '25-29': 800, '30-34': 200 }), EVERYBODY, NOON_MS);
    expect(audienceFit({ age_band: '25-29' }, shares)).toBeGreaterThan(0.9);
    expect(audienceFit({ age_band: '30-34' }, shares)).toBeLessThan(0.2);
    expect(audienceFit({}, shares)).toBe(0.5);
    expect(audienceFit({ age_band: '25-29' }, [])).toBe(0.5);
    expect(audienceFit({ age_band: '60-64' }, shares)).toBe(0.5);
  });
});
