import { describe, expect, it } from 'vitest';
import { DAY_MS } from '../../src/core/time.js';
import { ServedMemory } from '../../src/ranking/servedMemory.js';
import { NOON_MS } from '../support/builders.js';

const times = (memory: ServedMemory, userId: string, ordinal: number) =>
  memory.lately(userId).timesByProduct.get(ordinal)?.times;

describe('what was served lately', () => {
  it('R9: counts servings per person and product, half of them gone after three days', () => {
    const memory = new ServedMemory();
    memory.remember('ann', [1, 2], NOON_MS);
    memory.remember('ann', [1], NOON_MS);
    expect(times(memory, 'ann', 1)).toBe(2);
    expect(times(memory, 'ann', 2)).toBe(1);
    expect(times(memory, 'bo', 1)).toBeUndefined();
    memory.remember('ann', [1], NOON_MS + 3 * DAY_MS);
    expect(times(memory, 'ann', 1)).toBeCloseTo(2, 9);
    expect(memory.lately('ann').timesByProduct.get(1)?.lastAtMs).toBe(NOON_MS + 3 * DAY_MS);
  });

  it('R9: a clock that was set back makes nothing more than it was', () => {
    const memory = new ServedMemory();
    memory.remember('ann', [1], NOON_MS);
    memory.remember('ann', [1], NOON_MS - 30 * DAY_MS);
    expect(times(memory, 'ann', 1)).toBe(2);
  });

  it('R9: forgets what was served longest ago once there is too much', () => {
    const memory = new ServedMemory();
    memory.remember('ann', [0], NOON_MS);
    for (let ordinal = 1; ordinal <= 199; ordinal++) memory.remember('ann', [ordinal], NOON_MS);
    memory.remember('ann', [0, 200], NOON_MS);
    expect(memory.lately('ann').timesByProduct.size).toBe(200);
    expect(times(memory, 'ann', 0)).toBe(2);
    expect(times(memory, 'ann', 1)).toBeUndefined();
  });
});
