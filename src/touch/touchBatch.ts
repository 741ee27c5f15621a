import { setImmediate as turn } from 'node:timers/promises';
import { FailedPreconditionError, InvalidInputError, UnavailableError } from '../core/errors.js';
import { looksAtShops } from './learningFacts.js';
import type { TouchQuestion } from './touch.js';
import type { TouchBatchDependencies, TouchPerson } from './touchDependencies.js';

/** One place of a batch: an input, or what was found wrong with it before. */
export type Given<Input> = Input | InvalidInputError;

/** Why one place of a batch has no answer: what the call for it alone would throw. */
export type Refusal = InvalidInputError | FailedPreconditionError | UnavailableError;

/** The answer in one place of a batch. One place never costs another its answer. */
export type Answer<Output> = Output | Refusal;

/** Decisions made in one piece: about a millisecond in which the process does nothing else. */
const DECISIONS_A_TURN = 50;

export function isRefusal<Output>(answer: Answer<Output>): answer is Refusal {
  return (
    answer instanceof InvalidInputError ||
    answer instanceof FailedPreconditionError ||
    answer instanceof UnavailableError
  );
}

/** The places that were not refused, in order. */
export function notRefused<Output>(places: readonly Answer<Output>[]): Output[] {
  return places.flatMap((place) => (isRefusal(place) ? [] : [place]));
}

/** What the work returns, or the refusal that it throws. */
export function orRefusal<Output>(work: () => Output): Answer<Output> {
  try {
    return work();
  } catch (error) {
    return refusalOf(error);
  }
}

/** The same of work that takes its time. */
export async function untilRefusal<Output>(work: Promise<Output>): Promise<Answer<Output>> {
  return work.catch(refusalOf);
}

/** Each place mapped, those refused left as they are; lets others have their turn in between. */
export async function inTurns<Asked, Output>(
  places: readonly Answer<Asked>[],
  work: (asked: Asked) => Output,
): Promise<Answer<Output>[]> {
  const answers: Answer<Output>[] = [];
  for (const [i, asked] of places.entries()) {
    if (i > 0 && i % DECISIONS_A_TURN === 0) await turn();
    answers.push(isRefusal(asked) ? asked : orRefusal(() => work(asked)));
  }
  return answers;
}

/** The persons of all that was asked, in one read. */
export async function personsOfAll(
  asked: readonly Answer<TouchQuestion>[],
  { personsOf, policy }: Pick<TouchBatchDependencies, 'personsOf' | 'policy'>,
): Promise<(userId: string) => TouchPerson> {
  const userIds = [...new Set(notRefused(asked).map(({ userId }) => userId))];
  const inForce = policy();
  const wanted = { shops: notRefused(asked).some((question) => looksAtShops(inForce, question)) };
  const persons = userIds.length === 0 ? [] : await personsOf(userIds, wanted);
  const byId = new Map(userIds.map((userId, i) => [userId, persons[i] ?? { homeId: userId }]));
  return (userId) => byId.get(userId) ?? { homeId: userId };
}

function refusalOf(error: unknown): Refusal {
  if (error instanceof Error && isRefusal(error)) return error;
  throw error;
}
