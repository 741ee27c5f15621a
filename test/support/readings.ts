import { expect } from 'vitest';

/** Numbers by what they say. */
export type Readings = Map<string, number>;

/** The largest difference, relative to the number, that rounding in another order is allowed to make. */
const TOLERANCE = 1e-9;
/** Beneath this a number is what rounding left of a difference. */
const DUST = 1e-12;

/** The same names with the same finite numbers, as far as rounding goes. */
export function expectSameReadings(actual: Readings, expected: Readings): void {
  const differences: string[] = [];
  for (const name of new Set([...actual.keys(), ...expected.keys()])) {
    const [a, b] = [actual.get(name) ?? 0, expected.get(name) ?? 0];
    if (Math.abs(a - b) <= TOLERANCE * Math.max(Math.abs(a), Math.abs(b)) + DUST) continue;
    differences.push(`${name}: ${a} is not ${b}`);
  }
  expect(differences).toEqual([]);
}
