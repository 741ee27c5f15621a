import { describe, expect, it } from 'vitest';
import { hashText, seededRandom } from '../../src/core/random.js';

function draw(seed: number, count: number): number[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, random);
}

describe('seeded numbers', () => {
  it('are the same for the same seed and others for the next', () => {
    expect(draw(7, 50)).toEqual(draw(7, 50));
    expect(draw(7, 50)).not.toEqual(draw(8, 50));
  });

  it('lie in [0, 1) and fill it evenly', () => {
    const bins = new Array<number>(10).fill(0);
    const numbers = draw(42, 100_000);
    expect(numbers.every((number) => number >= 0 && number < 1)).toBe(true);
    for (const number of numbers) {
      bins[Math.floor(number * 10)] = (bins[Math.floor(number * 10)] as number) + 1;
    }
    // Chi-squared with 9 degrees of freedom: 27.9 is exceeded once in a thousand seeds.
    const chiSquared = bins.reduce((sum, seen) => sum + (seen - 10_000) ** 2 / 10_000, 0);
    expect(chiSquared).toBeLessThan(27.9);
  });

  it('hash FNV-1a to 32 bits without a sign', () => {
    expect(hashText('')).toBe(0x811c9dc5);
    expect(hashText('a')).toBe(0xe40c292c);
    expect(hashText('user-1')).not.toBe(hashText('user-2'));
  });
});
