import type { Behaviour } from '../../src/behaviour/behaviour.js';
import { seededRandom } from '../../src/core/random.js';
import { DAY_MS, HOUR_MS } from '../../src/core/time.js';
import type { ReplaySource } from '../../src/training/replayedWorld.js';
import { aProduct, aShop, aUser } from '../support/builders.js';

const START_MS = Date.UTC(2025, 0, 1);
const PRODUCTS = 24;
const USERS = 10;
const DAYS = 60;

async function* each<Item>(items: readonly Item[]): AsyncGenerator<Item> {
  yield* items;
}

/** A small town: three shops, two dozen products, ten people of two crowds. */
export function aTown(): ReplaySource {
  return {
    shops: () => each(['s0', 's1', 's2'].map((shopId) => aShop({ shopId, name: shopId }))),
    products: () =>
      each(
        Array.from({ length: PRODUCTS }, (_, i) =>
          aProduct({
            productId: `p${i}`,
            shopId: `s${i % 3}`,
            title: `thing ${i}`,
            categoryPath: ['things', `kind${i % 4}`],
            priceMinor: 100 * (i + 1),
          }),
        ),
      ),
    users: () =>
      each(
        Array.from({ length: USERS }, (_, i) =>
          aUser({ userId: `u${i}`, gender: i % 2 === 0 ? 'female' : 'male' }),
        ),
      ),
  };
}

const TYPES = [
  'browse',
  'browse',
  'browse',
  'add_to_cart',
  'favourite',
  'purchase',
  'refund',
  'search',
] as const;

/** Two months of visits in order of time, the same for the same seed. */
export function someMonths(seed = 1): Behaviour[] {
  const random = seededRandom(seed);
  const behaviours: Behaviour[] = [];
  for (let visit = 0; visit < 6 * DAYS; visit++) {
    const userId = `u${Math.floor(random() * USERS)}`;
    const atMs = START_MS + random() * DAYS * DAY_MS;
    const acts = 1 + Math.floor(random() * 4);
    for (let act = 0; act < acts; act++) {
      const type = TYPES[Math.floor(random() * TYPES.length)] as (typeof TYPES)[number];
      const product = Math.floor(random() * PRODUCTS);
      behaviours.push({
        eventId: `e${visit}-${act}`,
        type,
        userId,
        ...(type === 'search' ? { query: `thing kind${product % 4}` } : { productId: `p${product}` }),
        occurredAtMs: Math.floor(atMs + act * 0.1 * HOUR_MS),
        quantity: 1,
      });
    }
  }
  return behaviours.sort((a, b) => a.occurredAtMs - b.occurredAtMs);
}

export const TOWN_END_MS = START_MS + (DAYS + 1) * DAY_MS;
