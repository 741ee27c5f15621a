import { decideTouch, type TouchDecision } from './decideTouch.js';
import type { TouchDependencies } from './touchDependencies.js';
import { type RawTouchQuestion, validateTouchQuestion, zoneOfUser } from './validateTouchQuestion.js';

export type CanTouchInput = RawTouchQuestion;
export type CanTouchOutput = TouchDecision;
export type CanTouch = (input: CanTouchInput) => Promise<CanTouchOutput>;

/**
 * May this person be touched now, and if not, when? Writes nothing, holds nothing. One read of
 * the store. Throws `InvalidInputError`, `UnavailableError`.
 */
export function createCanTouch({
  store,
  policy,
  clock,
  timezoneOf,
}: Omit<TouchDependencies, 'ledger'>): CanTouch {
  return async (input) => {
    const { userId, deadlineMs, ...content } = validateTouchQuestion(input);
    const timezone = await zoneOfUser(userId, timezoneOf);
    const log = await store.read(userId);
    return decideTouch(log, { content, policy: policy(), timezone, nowMs: clock.nowMs(), deadlineMs });
  };
}
