import { UnavailableError } from '../core/errors.js';
import { Gate } from '../core/gate.js';
import {
  type CanTouchInput,
  type CanTouchOutput,
  createDecideAtHome,
  decideIn,
  type PlacedQuestion,
  placedQuestion,
} from './canTouch.js';
import {
  type Answer,
  type Given,
  inTurns,
  isRefusal,
  notRefused,
  orRefusal,
  personsOfAll,
  untilRefusal,
} from './touchBatch.js';
import type { TouchBatchDependencies } from './touchDependencies.js';
import { TouchesMovedError } from './touchHome.js';
import type { OneOfMany } from './touchStore.js';
import type { UserTouchLog } from './userTouchLog.js';
import { validateTimedQuestion } from './validateTouchQuestion.js';

export type CanTouchBatch = (
  inputs: readonly Given<CanTouchInput>[],
) => Promise<readonly Answer<CanTouchOutput>[]>;

/**
 * Batches that this process answers at once: the one is read while the other is decided. With all of 32 streams at
 * once none was done sooner, and whoever asked for one person meanwhile waited for a turn of each: 186 to 205 ms
 * at the median, and 35 to 46 ms with two.
 */
const BATCHES_AT_ONCE = 2;

/**
 * `CanTouch` for many: one answer for each, in order, each that of the single call at that moment. One
 * read of all persons and one of all logs, more only for people whose touches are kept elsewhere than
 * was believed. Rejects with `UnavailableError` when the persons cannot be read.
 */
export function createCanTouchBatch(dependencies: Omit<TouchBatchDependencies, 'ledger'>): CanTouchBatch {
  const { store } = dependencies;
  const decideAtHome = createDecideAtHome(dependencies);

  const gate = new Gate(BATCHES_AT_ONCE);
  return (inputs) => gate.through(() => answerAll(inputs));

  async function answerAll(inputs: Parameters<CanTouchBatch>[0]): Promise<Answer<CanTouchOutput>[]> {
    const timed = inputs.map((input, i) =>
      isRefusal(input) ? input : orRefusal(() => validateTimedQuestion(input, `questions[${i}]`)),
    );
    const questions = timed.map((one) => (isRefusal(one) ? one : one.question));
    const personOf = await personsOfAll(questions, dependencies);
    const places = timed.map((one) =>
      isRefusal(one)
        ? one
        : orRefusal(() => placedQuestion(one, personOf(one.question.userId), dependencies)),
    );
    const logs = await readLogs(places);
    const answers = await inTurns(places, (placed) => {
      const log = logs.get(placed.homeId);
      if (log === undefined) throw new UnavailableError('a touch log was not read');
      if (log instanceof UnavailableError) throw log;
      return decideIn({ ownerId: placed.homeId, log }, { placed, ...dependencies });
    });
    return Promise.all(
      answers.map((answer, i) => {
        const placed = places[i];
        const hasMoved = answer instanceof TouchesMovedError && placed !== undefined && !isRefusal(placed);
        return hasMoved ? untilRefusal(decideAtHome(placed)) : answer;
      }),
    );
  }

  async function readLogs(
    places: readonly Answer<PlacedQuestion>[],
  ): Promise<ReadonlyMap<string, OneOfMany<UserTouchLog>>> {
    const homeIds = [...new Set(notRefused(places).map(({ homeId }) => homeId))];
    const logs = await store.readMany(homeIds);
    return new Map(logs.map((log, i) => [homeIds[i] as string, log]));
  }
}
