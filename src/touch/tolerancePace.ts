import { DAY_MS, type WindowMs, window } from '../core/time.js';
import { withinBounds } from './tolerance.js';
import type { CapRule } from './touchPolicy.js';

/** Names the learned budget in every answer. */
export const TOLERANCE_RULE_ID = 'tolerance';

/** A budget as the caps know it. */
export interface Pace {
  readonly cap: number;
  readonly windowMs: WindowMs;
  readonly minGapMs?: WindowMs;
}

/**
 * How a budget is spent: from one a day on `round(b)` in 24 hours with half of an even gap between
 * them, so that four do not come in one hour; below, one per `1/b` days.
 */
export function paceOf(budgetPerDay: number): Pace {
  if (budgetPerDay < 1) return { cap: 1, windowMs: window(Math.round(DAY_MS / budgetPerDay)) };
  return {
    cap: Math.round(budgetPerDay),
    windowMs: window(DAY_MS),
    minGapMs: window(Math.round(DAY_MS / budgetPerDay / 2)),
  };
}

/** How much more or less than others a shop may ask of a person. */
const AFFINITY_BOUNDS = { min: 0.5, max: 2 };

/**
 * The budget against which a shop's message is measured (C3): `b·clip(√(A/Ā), 0.5, 2)`, where A is
 * the person's affinity to the shop and Ā the mean of theirs, both ≥ 0. Without either it is b.
 */
export function shopBudget({
  budgetPerDay,
  affinity,
  meanAffinity,
}: {
  budgetPerDay: number;
  affinity?: number;
  meanAffinity?: number;
}): number {
  if (affinity === undefined || meanAffinity === undefined || !(meanAffinity > 0)) return budgetPerDay;
  const { min, max } = AFFINITY_BOUNDS;
  const factor = Math.min(max, Math.max(min, Math.sqrt(affinity / meanAffinity)));
  // To a hundredth: sums of floating point differ in their last bits with the order of adding.
  return withinBounds((budgetPerDay * Math.round(100 * factor)) / 100);
}

/**
 * The budget as one more cap, to be ANDed with the operator's, so that hard caps hold by
 * construction and `not_before` is as exact as theirs. It counts *all* touches of the person, also
 * for a shop's budget: fifty shops with a budget each would be fifty messages a day, while so a loved
 * shop may still write where an indifferent one has to wait.
 */
export function toleranceCap(budgetPerDay: number): CapRule {
  const { windowMs, ...rest } = paceOf(budgetPerDay);
  return {
    id: TOLERANCE_RULE_ID,
    scope: ['user'],
    window: { kind: 'rolling', windowMs },
    // What reached nobody tried nobody's patience.
    counts: 'delivered',
    ...rest,
    ceiling: false,
    shadow: false,
  };
}
