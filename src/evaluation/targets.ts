import type { BehaviourType } from '../core/vocabulary.js';

/** Which later behaviours a list should have foretold: purchases alone, or any positive one. */
export const TARGET_KINDS = ['any', 'purchase'] as const;
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

/** Whether a behaviour of this type after the split makes its product a target. */
export function isTarget(type: BehaviourType, kind: TargetKind): boolean {
  return kind === 'purchase' ? type === 'purchase' : isPositive(type);
}
