import { UnavailableError } from '../core/errors.js';
import { Gate } from '../core/gate.js';
import { type AskedReservation, createReservationSteps, type Reserved } from './reservationSteps.js';
import {
  askedReservation,
  type ReserveTouchInput,
  type ReserveTouchOutput,
  validateReserveInput,
} from './reserveTouch.js';
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

export type ReserveTouchBatch = (
  inputs: readonly Given<ReserveTouchInput>[],
) => Promise<readonly Answer<ReserveTouchOutput>[]>;

/**
 * Batches that this process reserves for at once: the one is written to the ledger while the other is decided. With
 * any number of campaigns at once none would get into the ledger in time (`TouchDependencies.ledgerSettle`),
 * nor would the retries; so the others wait before they hold anything.
 */
const BATCHES_AT_ONCE = 2;

/**
 * `ReserveTouch` for many: one answer for each, in order, that of single calls one after the other where
 * several are for one user. Each is decided and held by itself (C6).
 *
 * One read of all persons, `TouchStore.reserveMany`, and one durable append to the ledger for all, before
 * any of them is answered. Rejects with `UnavailableError` when the persons cannot be read or the ledger
 * cannot be written, and then nothing may be sent to any of them.
 */
export function createReserveTouchBatch(dependencies: TouchBatchDependencies): ReserveTouchBatch {
  const { store } = dependencies;
  const gate = new Gate(BATCHES_AT_ONCE);
  const { reservationIn, reserveAtHome, record, answerOf, elapsedMs } = createReservationSteps(dependencies);

  return async (inputs) => {
    const checked = inputs.map((input, i) =>
      isRefusal(input) ? input : orRefusal(() => validateReserveInput(input, `reservations[${i}]`)),
    );
    const personOf = await personsOfAll(checked, dependencies);
    const places = checked.map((one) =>
      isRefusal(one) ? one : orRefusal(() => askedReservation(one, personOf(one.userId), dependencies)),
    );
    const reserved = await gate.through(async () => {
      const all = await reserveAll(places);
      await record(notRefused(all));
      return all;
    });
    return inTurns(reserved, answerOf);
  };

  async function reserveAll(places: readonly Answer<AskedReservation>[]): Promise<Answer<Reserved>[]> {
    const startMs = elapsedMs();
    const asked = notRefused(places);
    const outcomes = await store.reserveMany(asked.map((one) => reservationIn(one.homeId, one)));
    const reserved: Answer<Reserved>[] = [];
    let next = 0;
    for (const place of places) {
      if (isRefusal(place)) {
        reserved.push(place);
        continue;
      }
      const outcome = outcomes[next] ?? new UnavailableError('a reservation was not decided');
      next += 1;
      // One after the other, for several may be for one person.
      if (outcome instanceof TouchesMovedError) reserved.push(await untilRefusal(reserveAtHome(place)));
      else if (outcome instanceof UnavailableError) reserved.push(outcome);
      else reserved.push({ asked: place, homeId: place.homeId, outcome, startMs });
    }
    return reserved;
  }
}
