import { decayFactor } from '../core/decay.js';
import { DAY_MS, type EpochMs, halfLife } from '../core/time.js';

/** How often each product was served to one person lately. */
export interface ServedLately {
  readonly timesByProduct: ReadonlyMap<number, { readonly times: number; readonly lastAtMs: EpochMs }>;
}

const HALF_LIFE = halfLife(3 * DAY_MS);
/** Products remembered a person, and people remembered; the ones served longest ago are forgotten. */
const PRODUCTS_PER_USER = 200;
const USERS = 100_000;

/**
 * What was served to whom lately (R9), in this process only: first form. Forgotten at a restart,
 * which at worst shows a tired product once more.
 */
export class ServedMemory {
  readonly #byUser = new Map<string, Map<number, { times: number; lastAtMs: EpochMs }>>();

  lately(userId: string): ServedLately {
    return { timesByProduct: this.#byUser.get(userId) ?? new Map() };
  }

  remember(userId: string, ordinals: readonly number[], nowMs: EpochMs): void {
    const products = this.#byUser.get(userId) ?? new Map<number, { times: number; lastAtMs: EpochMs }>();
    // Deleted and set again so that the Maps stay in order of last use.
    this.#byUser.delete(userId);
    this.#byUser.set(userId, products);
    for (const ordinal of ordinals) {
      const before = products.get(ordinal);
      const faded =
        before === undefined
          ? 0
          : before.times * decayFactor(Math.max(0, nowMs - before.lastAtMs), HALF_LIFE);
      products.delete(ordinal);
      products.set(ordinal, { times: faded + 1, lastAtMs: nowMs });
    }
    dropOldest(products, PRODUCTS_PER_USER);
    dropOldest(this.#byUser, USERS);
  }
}

function dropOldest<Key>(map: Map<Key, unknown>, kept: number): void {
  for (const key of map.keys()) {
    if (map.size <= kept) return;
    map.delete(key);
  }
}
