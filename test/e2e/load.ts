import { seededRandom } from '../../src/core/random.js';
import {
  BehaviourType,
  Channel,
  type TagRankClient,
  TrackStatus,
  toTimestamp,
} from '../../src/server/client.js';

export const USERS = Array.from({ length: 8 }, (_, i) => `user-${i}`);
const PRODUCTS = Array.from({ length: 20 }, (_, i) => `product-${i}`);
const TYPES = [
  BehaviourType.PURCHASE,
  BehaviourType.ADD_TO_CART,
  BehaviourType.FAVOURITE,
  BehaviourType.BROWSE,
  BehaviourType.BROWSE,
  BehaviourType.REFUND,
];
const SPAN_MS = 20 * 86_400_000;

/** The catalogue and the people of the load. */
export async function describeShop(client: TagRankClient): Promise<void> {
  await client.upsertShops({ shops: [{ shopId: 'shop-0' }, { shopId: 'shop-1' }] });
  await client.upsertProducts({
    products: PRODUCTS.map((productId, i) => ({
      productId,
      shopId: `shop-${i % 2}`,
      title: ['linen shirt', 'wool coat', 'rain boots', 'silk scarf', 'straw hat'][i % 5],
      categoryPath: ['clothing', `kind-${i % 5}`],
      priceMinor: BigInt(1_000 + 100 * i),
      currency: 'CNY',
    })),
  });
  await client.upsertUsers({ users: USERS.map((userId) => ({ userId, timezone: 'Asia/Shanghai' })) });
}

/** The event of an id: the same id always makes the same event. */
export function eventOf(eventId: string, startMs: number) {
  const random = seededRandom(hash(eventId));
  const pick = <T>(items: readonly T[]) => items[Math.floor(random() * items.length)] as T;
  return {
    eventId,
    type: pick(TYPES),
    userId: pick(USERS),
    productId: pick(PRODUCTS),
    occurredAt: toTimestamp(startMs - Math.floor(random() * SPAN_MS)),
  };
}

function hash(text: string): number {
  let value = 7;
  for (const character of text) value = Math.imul(value, 31) + character.charCodeAt(0);
  return value >>> 0;
}

export interface TouchRequest {
  readonly requestId: string;
  readonly userId: string;
}

export function touchQuestion(userId: string) {
  return { userId, channel: Channel.EMAIL, shopId: 'shop-0', campaignType: 'routine' };
}

/** What a load sent, and what of it was acknowledged. */
export class Book {
  readonly sentEvents = new Set<string>();
  readonly ackedEvents = new Set<string>();
  readonly sentTouches = new Map<string, TouchRequest>();
  /** Request id → permit id. */
  readonly permits = new Map<string, string>();
  readonly sentCommits = new Set<string>();
  /** Permit ids. */
  readonly committed = new Set<string>();
}

/**
 * Sends batches of events and touches from many callers at once until `signal` aborts or the server
 * is gone, and books every acknowledgement. A call that fails has told nothing.
 */
export async function sendLoad(options: {
  client: TagRankClient;
  book: Book;
  /** Makes the ids of this load its own. */
  name: string;
  startMs: number;
  signal: AbortSignal;
}): Promise<void> {
  const { client, book, name, startMs, signal } = options;
  const callers = Array.from({ length: 12 }, (_, caller) => async () => {
    for (let call = 0; !signal.aborted; call++) {
      const size = 1 + ((caller + call) % 8);
      const ids = Array.from({ length: size }, (_, i) => `${name}/${caller}/${call}/${i}`);
      for (const id of ids) book.sentEvents.add(id);
      const { results } = await client.track({ events: ids.map((id) => eventOf(id, startMs)) });
      for (const { eventId, status } of results) {
        if (status !== TrackStatus.ACCEPTED) throw new Error(`${eventId} was answered ${status}`);
        book.ackedEvents.add(eventId);
      }
    }
  });
  const senders = Array.from({ length: 6 }, (_, sender) => async () => {
    for (let call = 0; !signal.aborted; call++) {
      const userId = USERS[(sender + call) % USERS.length] as string;
      const requestId = `${name}/${sender}/${call}`;
      book.sentTouches.set(requestId, { requestId, userId });
      const { permit } = await client.reserveTouch({
        requestId,
        question: touchQuestion(userId),
        ttlMs: 3_600_000n,
      });
      if (permit === undefined) continue;
      book.permits.set(requestId, permit.permitId);
      if (call % 2 === 1) continue;
      book.sentCommits.add(permit.permitId);
      await client.commitTouch({ permitId: permit.permitId });
      book.committed.add(permit.permitId);
    }
  });
  await Promise.allSettled([...callers, ...senders].map((run) => run()));
}
