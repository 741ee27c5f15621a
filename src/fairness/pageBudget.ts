import { positionWeight } from './positionWeight.js';

/** The page that is served. */
export interface BudgetedPage<Slot> {
  readonly slots: readonly Slot[];
  /** How much of the boosts it was made with, 0–1. */
  readonly scale: number;
  /** The part of the unboosted page's relevance that it gives up, by position; never above the budget. */
  readonly lostRatio: number;
}

/** Pages chosen at most; then there is no boost. */
const TRIES = 3;
/** A little below what should just fit, so that it mostly does. */
const CAUTION = 0.9;

/**
 * The most boosted page that gives up at most `budgetRatio` of the unboosted page's relevance, summed by
 * `positionWeight`. What is served is measured itself, so the budget holds exactly, on every page, whatever
 * chooses it. The unboosted page costs nothing, so there always is one. A page that is too dear is tried again
 * with less: what is given up grows about with the square of the boost (more slots change, each by more).
 */
export function withinBudget<Slot>({
  unboosted,
  boosted,
  relevanceOf,
  budgetRatio,
}: {
  unboosted: readonly Slot[];
  /** Chooses a page with this much of the boosts. */
  boosted: (scale: number) => readonly Slot[];
  relevanceOf: (slot: Slot) => number;
  budgetRatio: number;
}): BudgetedPage<Slot> {
  const without = pageRelevance(unboosted, relevanceOf);
  const budget = budgetRatio * without;
  let scale = 1;
  for (let tried = 0; tried < TRIES && scale > 0; tried++) {
    const slots = boosted(scale);
    const lost = without - pageRelevance(slots, relevanceOf);
    if (lost <= budget) return { slots, scale, lostRatio: without > 0 ? Math.max(0, lost) / without : 0 };
    scale *= CAUTION * Math.sqrt(budget / lost);
  }
  return { slots: unboosted, scale: 0, lostRatio: 0 };
}

/** Relevance of a page, the first places counting most: its expected DCG. */
export function pageRelevance<Slot>(slots: readonly Slot[], relevanceOf: (slot: Slot) => number): number {
  let sum = 0;
  for (const [i, slot] of slots.entries()) sum += positionWeight(i + 1) * relevanceOf(slot);
  return sum;
}
