import type { BehaviourType } from '../core/vocabulary.js';

/**
 * Which later behaviours a list should have foretold: `next`, any positive one, except coming back
 * to what was ordered before the split without ordering it again (following a parcel is no choice,
 * and R8 keeps such products off the page); `any`, that too; `purchase`, purchases alone.
 */
export const TARGET_KINDS = ['next', 'any', 'purchase'] as const;
export type TargetKind = (typeof TARGET_KINDS)[number];

export function isTargetKind(value: string): value is TargetKind {
  return (TARGET_KINDS as readonly string[]).includes(value);
}

/**
 * Whether a behaviour speaks for the product. A review does not: it follows a purchase that has
 * been counted, and may be a bad one.
 */
const POSITIVE: Readonly<Record<BehaviourType, boolean>> = {
  purchase: true,
  add_to_cart: true,
  favourite: true,
  inquiry: true,
  follow: true,
  share: true,
  search: true,
  browse: true,
  review: false,
  remove_from_cart: false,
  remove_favourite: false,
  refund: false,
  not_interested: false,
};

export function isPositive(type: BehaviourType): boolean {
  return POSITIVE[type];
}

/**
 * Whether a behaviour of this type after the split makes its product a target. `orderedBefore`:
 * whether the same person had purchased the product before the split.
 */
export function isTarget(type: BehaviourType, kind: TargetKind, orderedBefore: boolean): boolean {
  if (type === 'purchase') return true;
  if (kind === 'purchase' || (kind === 'next' && orderedBefore)) return false;
  return isPositive(type);
}
