import type { BehaviourType } from '../core/vocabulary.js';

/**
 * How a product was taken, as bits of a byte: the three targets of a model of several tasks. What is
 * kept or bought was also clicked; what was bought need not have been seen in a cart.
 */
export const TAKEN = {
  /** Any positive behaviour. */
  click: 1,
  /** Put into the cart, or favoured. */
  cart: 2,
  purchase: 4,
} as const;

/** The bits of one positive behaviour. */
export function takenBy(type: BehaviourType): number {
  if (type === 'purchase') return TAKEN.click | TAKEN.purchase;
  if (type === 'add_to_cart' || type === 'favourite') return TAKEN.click | TAKEN.cart;
  return TAKEN.click;
}

/** What a ranking is graded by: 0 not taken, 1 a positive behaviour, 2 a purchase. */
export function gradeOf(taken: number): 0 | 1 | 2 {
  if (taken === 0) return 0;
  return (taken & TAKEN.purchase) === 0 ? 1 : 2;
}
