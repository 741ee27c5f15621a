import { FailedPreconditionError } from '../core/errors.js';
import { idOfSubject, type OverrideToKeep } from './tagOverride.js';
import type { TagSubject } from './tagReport.js';

/** Most overrides of one subject: as many as a vector has tags. */
export const MAX_OVERRIDES_A_SUBJECT = 64;

/** Weights are told with some digits: `0.6` and `0.8` must fit, though their squares add up to a little over 1. */
const ROUNDING = 1e-9;

/**
 * Whether all overrides of one subject can hold together. The weights of a user are of a vector of length 1, so
 * that the squares of what is locked and added may add up to 1 at most: at 1 nothing is left for what was learned.
 *
 * Throws `FailedPreconditionError` with the subject, the bound and the way out.
 */
export function refuseBrokenBounds(subject: TagSubject, overrides: readonly OverrideToKeep[]): void {
  const named = `${subject.kind} ${JSON.stringify(idOfSubject(subject))}`;
  if (overrides.length > MAX_OVERRIDES_A_SUBJECT) {
    throw new FailedPreconditionError(
      `${named} would have ${overrides.length} overrides, and at most ${MAX_OVERRIDES_A_SUBJECT} can be kept: delete some first`,
    );
  }
  if (subject.kind !== 'user') return;
  let squares = 0;
  for (const { word } of overrides) if (word.action !== 'veto') squares += word.weight ** 2;
  if (squares > 1 + ROUNDING) {
    throw new FailedPreconditionError(
      `the squares of the weights locked and added for ${named} would add up to ${squares.toFixed(4)}, and a vector of length 1 holds 1: lower or delete some`,
    );
  }
}
