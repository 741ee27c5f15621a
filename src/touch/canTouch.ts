import { atHome } from './atHome.js';
import { decideTouch, type TouchDecision } from './decideTouch.js';
import type { TouchDependencies } from './touchDependencies.js';
import { heldHere } from './touchHome.js';
import { type RawTouchQuestion, validateTouchQuestion, zoneOf } from './validateTouchQuestion.js';

export type CanTouchInput = RawTouchQuestion;
export type CanTouchOutput = TouchDecision;
export type CanTouch = (input: CanTouchInput) => Promise<CanTouchOutput>;

/**
 * May this person be touched now, and if not, when? Writes nothing, holds nothing. One read of
 * the person and one of the store. Throws `InvalidInputError`, `UnavailableError`.
 */
export function createCanTouch({
  store,
  policy,
  clock,
  personOf,
  settleTouches,
}: Omit<TouchDependencies, 'ledger'>): CanTouch {
  return async (input) => {
    const { userId, deadlineMs, ...content } = validateTouchQuestion(input);
    const person = await personOf(userId);
    const timezone = zoneOf(person);
    return atHome({ userId, homeId: person.homeId, settleTouches }, async (homeId) => {
      const log = heldHere({ ownerId: homeId, log: await store.read(homeId) }, userId);
      return decideTouch(log, { content, policy: policy(), timezone, nowMs: clock.nowMs(), deadlineMs });
    });
  };
}
