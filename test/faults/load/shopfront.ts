import { setTimeout as sleep } from 'node:timers/promises';
import { hashText, seededRandom } from '../../../src/core/random.js';
import { BehaviourType, Channel, type TagRankClient, toTimestamp } from '../../../src/server/client.js';

const numbered = (name: string, count: number) => Array.from({ length: count }, (_, i) => `${name}-${i}`);

export const SHOPS = numbered('shop', 6);
export const PRODUCTS = numbered('product', 60);
export const USERS = numbered('user', 48);
/** Two ids of one person each, from the beginning to the end (T7). */
export const TWINS = [
  ['twin-0a', 'twin-0b'],
  ['twin-1a', 'twin-1b'],
] as const;
/** Linked and unlinked again and again. */
export const WANDERERS = ['wanderer-a', 'wanderer-b'] as const;
/** Few, so that campaigns get into each other's way. */
export const TOUCHED_USERS = [...USERS.slice(0, 5), ...TWINS.flat(), ...WANDERERS];
/** Who does things. */
const ACTING_USERS = [...USERS, ...TWINS.flat()];
export const TOUCH_CHANNELS = [Channel.PUSH, Channel.EMAIL, Channel.SMS] as const;

/** Described once and never again: what their behaviours leave on this tag can be counted. */
export const DIARY_PRODUCT = 'diary-product';
export const DIARY_TAG = 'category:diary';

const TITLES = ['linen shirt', 'wool coat', 'rain boots', 'silk scarf', 'straw hat', '羊毛大衣 秋冬'];
const QUERIES = ['linen', 'wool coat', 'boots', '大衣'];
const TYPES = [
  BehaviourType.PURCHASE,
  BehaviourType.PURCHASE,
  BehaviourType.ADD_TO_CART,
  BehaviourType.FAVOURITE,
  BehaviourType.BROWSE,
  BehaviourType.BROWSE,
  BehaviourType.BROWSE,
  BehaviourType.REVIEW,
  BehaviourType.SEARCH,
  BehaviourType.REFUND,
  BehaviourType.NOT_INTERESTED,
];
const SPAN_MS = 40 * 86_400_000;

/** The random choices of one thing: the same name always makes the same ones. */
export function choicesOf(name: string) {
  const random = seededRandom(hashText(name));
  return {
    random,
    pick: <Item>(items: readonly Item[]) => items[Math.floor(random() * items.length)] as Item,
  };
}

/** A product as it is described for the `edition`-th time. */
export function productOf(productId: string, edition: number) {
  const { pick, random } = choicesOf(`${productId}/${edition}`);
  const shop = choicesOf(productId).pick(SHOPS);
  return {
    productId,
    shopId: shop,
    title: pick(TITLES),
    categoryPath: ['clothing', `kind-${Math.floor(random() * 5)}`],
    priceMinor: BigInt(1_000 + Math.floor(random() * 20_000)),
    currency: 'CNY',
  };
}

export function userOf(userId: string, edition: number) {
  const { pick } = choicesOf(`${userId}/${edition}`);
  return {
    userId,
    ageBand: pick(['25-29', '30-34', '50-54']),
    gender: pick(['female', 'male']),
    timezone: pick(['Asia/Shanghai', 'Europe/Berlin']),
  };
}

/** Everything that the load refers to; resolves when all servers know it. */
export async function describeShopfront(servers: readonly TagRankClient[]): Promise<void> {
  const [client] = servers as [TagRankClient];
  await client.upsertShops({ shops: SHOPS.map((shopId) => ({ shopId, name: shopId })) });
  await client.upsertProducts({
    products: [
      ...PRODUCTS.map((productId) => productOf(productId, 0)),
      { productId: DIARY_PRODUCT, categoryPath: ['diary'], title: '' },
    ],
  });
  await client.upsertUsers({ users: USERS.map((userId) => userOf(userId, 0)) });
  for (const [userId, otherId] of TWINS)
    await client.linkIdentity({ userId, identity: { kind: 'buyer', value: otherId } });
  for (const server of servers) {
    const isKnown = async (): Promise<boolean> =>
      (await server.rank({ userId: 'somebody', candidateIds: [DIARY_PRODUCT] })).items.length === 1;
    while (!(await isKnown())) await sleep(50);
  }
}

/** All ids of the person, for good; of a wanderer, who is now this and now that, the id alone. */
export function idsOf(userId: string): readonly string[] {
  return TWINS.find((ids) => (ids as readonly string[]).includes(userId)) ?? [userId];
}

/** The event of an id, `startMs` being when the run began. Late ones come in any order. */
export function eventOf(eventId: string, startMs: number) {
  const { pick, random } = choicesOf(eventId);
  const type = pick(TYPES);
  const common = {
    eventId,
    type,
    userId: pick(ACTING_USERS),
    occurredAt: toTimestamp(startMs - Math.floor(random() ** 3 * SPAN_MS)),
  };
  if (type === BehaviourType.SEARCH) return { ...common, query: pick(QUERIES) };
  return {
    ...common,
    productId: pick(PRODUCTS),
    ...(type === BehaviourType.REVIEW && { rating: 1 + Math.floor(random() * 5) }),
    ...(type === BehaviourType.BROWSE && { dwellMs: BigInt(pick([500, 5_000, 60_000])) }),
  };
}

/** An entry of somebody's diary: all alike but for the second. */
export function diaryEntryOf({
  eventId,
  userId,
  startMs,
}: {
  eventId: string;
  userId: string;
  startMs: number;
}) {
  const occurredAt = toTimestamp(startMs - Math.floor(choicesOf(eventId).random() * SPAN_MS));
  return { eventId, type: BehaviourType.FAVOURITE, userId, productId: DIARY_PRODUCT, occurredAt };
}
