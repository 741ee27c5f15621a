import type { Behaviour, BehaviourContext, BehaviourToLog } from '../../src/behaviour/behaviour.js';
import type { Product } from '../../src/catalog/product.js';
import type { Shop } from '../../src/catalog/shop.js';
import type { User } from '../../src/identity/user.js';

/** 1 June 2025, noon UTC: when things happen in tests unless they say otherwise. */
export const NOON_MS = Date.UTC(2025, 5, 1, 12);

/** A plain product in stock; name what the test is about. */
export function aProduct(facts: Partial<Product> = {}): Product {
  return {
    productId: 'product-1',
    shopId: 'shop-1',
    title: 'Linen shirt',
    categoryPath: ['clothing', 'shirts'],
    attributes: {},
    priceMinor: 9_900,
    currency: 'CNY',
    inStock: true,
    bid: 0,
    ...facts,
  };
}

export function aShop(facts: Partial<Shop> = {}): Shop {
  return { shopId: 'shop-1', name: 'Shop one', ...facts };
}

export function aUser(facts: Partial<User> = {}): User {
  return { userId: 'user-1', attributes: {}, ...facts };
}

let behavioursBuilt = 0;

/** A browse of product-1 by user-1 at noon, under an event id of its own. */
export function aBehaviour(facts: Partial<Behaviour> = {}): Behaviour {
  behavioursBuilt += 1;
  return {
    eventId: `event-${behavioursBuilt}`,
    type: 'browse',
    userId: 'user-1',
    productId: 'product-1',
    occurredAtMs: NOON_MS,
    quantity: 1,
    ...facts,
  };
}

/** What is known of the other side when nothing is known. */
export function aContext(facts: Partial<BehaviourContext> = {}): BehaviourContext {
  return { productRevision: 0, traits: {}, ...facts };
}

export function aBehaviourToLog(
  facts: Partial<Behaviour> = {},
  context: Partial<BehaviourContext> = {},
): BehaviourToLog {
  return { behaviour: aBehaviour(facts), context: aContext(context) };
}
