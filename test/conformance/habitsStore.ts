import { describe, expect, it } from 'vitest';
import { DEFAULT_HABITS } from '../../src/touch/habits.js';
import type { HabitsStore } from '../../src/touch/habitsStore.js';
import { NOON_MS } from '../support/builders.js';

/** What every `HabitsStore` promises. `makeStore` answers an empty one each time. */
export function habitsStoreConformance(name: string, makeStore: () => Promise<HabitsStore>): void {
  describe(`the habits store on ${name}`, () => {
    const always = { unlessAfterMs: Number.MAX_SAFE_INTEGER };
    const habits = (fromMs: number, people: number) => ({
      fromMs,
      segments: [{ ...DEFAULT_HABITS, people, segment: 'gender=female' }],
    });

    it('C1: gives back habits as they were put into force, in that order', async () => {
      const store = await makeStore();
      expect(await store.since(0)).toEqual([]);
      expect(await store.append(habits(NOON_MS, 31), always)).toBe(true);
      expect(await store.append(habits(NOON_MS + 5, 32), always)).toBe(true);
      expect(await store.since(0)).toEqual([habits(NOON_MS, 31), habits(NOON_MS + 5, 32)]);
      expect(await store.since(NOON_MS)).toEqual([habits(NOON_MS + 5, 32)]);
    });

    it('C1: of servers that look at people at the same time one has its way, and nothing is put before what stands', async () => {
      const store = await makeStore();
      const looks = Array.from({ length: 8 }, (_, n) =>
        store.append(habits(NOON_MS + n, n), { unlessAfterMs: NOON_MS - 100 }),
      );
      expect((await Promise.all(looks)).filter((isOurs) => isOurs)).toHaveLength(1);
      const [first] = await store.since(0);
      expect(await store.append(habits((first?.fromMs ?? 0) - 1, 9), always)).toBe(false);
      expect(await store.append(habits(first?.fromMs ?? 0, 9), always)).toBe(false);
      expect(await store.since(0)).toEqual([first]);
    });
  });
}
