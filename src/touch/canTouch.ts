import { atHome } from './atHome.js';
import { decideTouch, type TouchDecision } from './decideTouch.js';
import type { LearningFacts } from './learnedRules.js';
import { learningFactsOf, looksAtShops } from './learningFacts.js';
import type { TouchDependencies, TouchPerson } from './touchDependencies.js';
import { heldHere } from './touchHome.js';
import type { UserTouchLog } from './userTouchLog.js';
import {
  type RawTimedQuestion,
  type TimedQuestion,
  validateTimedQuestion,
  zoneOf,
} from './validateTouchQuestion.js';

export type CanTouchInput = RawTimedQuestion;
export type CanTouchOutput = TouchDecision;
export type CanTouch = (input: CanTouchInput) => Promise<CanTouchOutput>;

/** A question, checked, and where and by whose clock it is decided. */
export interface PlacedQuestion extends TimedQuestion {
  readonly homeId: string;
  readonly timezone: string;
  readonly learning: LearningFacts;
}

/**
 * May this person be touched now, and if not, when? Writes nothing, holds nothing. One read of
 * the person and one of the store. Throws `InvalidInputError`, `UnavailableError`.
 */
export function createCanTouch(dependencies: Omit<TouchDependencies, 'ledger'>): CanTouch {
  const decideAtHome = createDecideAtHome(dependencies);
  return async (input) => {
    const timed = validateTimedQuestion(input);
    const { question } = timed;
    const wanted = { shops: looksAtShops(dependencies.policy(), question) };
    const person = await dependencies.personOf(question.userId, wanted);
    return decideAtHome(placedQuestion(timed, person, dependencies));
  };
}

/** Throws `InvalidInputError` when the person's time zone is none. */
export function placedQuestion(
  timed: TimedQuestion,
  person: TouchPerson,
  dependencies: Pick<TouchDependencies, 'habitsOf'>,
): PlacedQuestion {
  const learning = learningFactsOf(person, timed.question, dependencies);
  return { ...timed, homeId: person.homeId, timezone: zoneOf(person), learning };
}

/** Decides in the log that the touches are really in, beginning with the one they are believed to be in. */
export function createDecideAtHome(
  dependencies: Omit<TouchDependencies, 'ledger'>,
): (placed: PlacedQuestion) => Promise<TouchDecision> {
  const { store, settleTouches } = dependencies;
  return (placed) => {
    const { question, homeId } = placed;
    return atHome({ userId: question.userId, homeId, settleTouches }, async (ownerId) =>
      decideIn({ ownerId, log: await store.read(ownerId) }, { placed, ...dependencies }),
    );
  };
}

/** Decides on a log as it was read; throws `TouchesMovedError` where it is the wrong one. */
export function decideIn(
  owned: { readonly ownerId: string; readonly log: UserTouchLog },
  {
    placed,
    policy,
    clock,
  }: Pick<TouchDependencies, 'policy' | 'clock'> & { readonly placed: PlacedQuestion },
): TouchDecision {
  const { userId, deadlineMs, ...content } = placed.question;
  const log = heldHere(owned, userId);
  const { ttlMs, timezone, learning } = placed;
  return decideTouch(log, {
    content,
    policy: policy(),
    timezone,
    nowMs: clock.nowMs(),
    deadlineMs,
    ttlMs,
    learning,
  });
}
