import { UnavailableError } from '../core/errors.js';
import { heldHere } from './touchHome.js';
import type { OneOfMany, Reservation, ReserveOutcome } from './touchStore.js';
import { reserveInLog, type Step } from './touchTransitions.js';
import type { UserTouchLog } from './userTouchLog.js';

/**
 * Reservations for one log, each decided on what the one before left (`reserveInLog`): the answers of
 * as many calls one after the other. One whose touches are kept elsewhere is not done, and says so.
 */
export function reserveManyInLog(
  { ownerId, log }: { readonly ownerId: string; readonly log: UserTouchLog },
  reservations: readonly Reservation[],
): Step<readonly OneOfMany<ReserveOutcome>[]> {
  let present = log;
  const outcome = reservations.map((reservation): OneOfMany<ReserveOutcome> => {
    try {
      const step = reserveInLog(heldHere({ ownerId, log: present }, reservation.userId), reservation);
      present = step.log;
      return step.outcome;
    } catch (error) {
      if (error instanceof UnavailableError) return error;
      throw error;
    }
  });
  return { log: present, outcome };
}
