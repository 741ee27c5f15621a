import type { Behaviour } from '../../src/behaviour/behaviour.js';
import type { BehaviourType } from '../../src/core/vocabulary.js';

let made = 0;

/** A behaviour in one line: who, what they did, with which product, when. */
export function did(
  userId: string,
  type: BehaviourType,
  productId: string,
  occurredAtMs: number,
  shopId?: string,
): Behaviour {
  return { eventId: `e${made++}`, userId, type, productId, occurredAtMs, quantity: 1, shopId };
}
