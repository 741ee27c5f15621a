import { UnavailableError } from '../../core/errors.js';
import { type TouchNews, takeInLog } from '../../touch/joinTouchLogs.js';
import type { ConsentMark } from '../../touch/leaveAlone.js';
import { replayEntry } from '../../touch/replayTouchLedger.js';
import { hasMoved, heldHere } from '../../touch/touchHome.js';
import type { TouchLedgerEntry } from '../../touch/touchLedger.js';
import type {
  CommitMoment,
  CommitOutcome,
  ConsentWord,
  FailedMoment,
  InLog,
  LearnPeople,
  OneOfMany,
  PermitMoment,
  ReleaseOutcome,
  Reservation,
  ReserveOutcome,
  TakenIn,
  TouchStore,
} from '../../touch/touchStore.js';
import {
  commitInLog,
  failInLog,
  markInLog,
  releaseInLog,
  reserveInLog,
  type Step,
  withdrawFromLog,
} from '../../touch/touchTransitions.js';
import {
  EMPTY_TOUCH_LOG,
  isEmptyLog,
  prunedLog,
  type UserTouchLog,
  withLearned,
} from '../../touch/userTouchLog.js';

/**
 * The touch log in the memory of one process: the reference implementation. Each method does its
 * work between two turns of the event loop, which makes it atomic.
 */
export class MemoryTouchStore implements TouchStore {
  readonly #logs = new Map<string, UserTouchLog>();

  async read(userId: string): Promise<UserTouchLog> {
    return this.#log(userId);
  }

  async readMany(userIds: readonly string[]): Promise<UserTouchLog[]> {
    return userIds.map((userId) => this.#log(userId));
  }

  async reserveMany(reservations: readonly Reservation[]): Promise<OneOfMany<ReserveOutcome>[]> {
    return reservations.map((reservation) => {
      try {
        return this.#change(reservation, (log) => reserveInLog(log, reservation));
      } catch (error) {
        if (error instanceof UnavailableError) return error;
        throw error;
      }
    });
  }

  async reserve(reservation: Reservation): Promise<ReserveOutcome> {
    return this.#change(reservation, (log) => reserveInLog(log, reservation));
  }

  async withdraw({ permitId, ...where }: InLog & { permitId: string }): Promise<void> {
    return this.#change(where, (log) => ({ log: withdrawFromLog(log, permitId), outcome: undefined }));
  }

  async commit(permit: CommitMoment): Promise<CommitOutcome> {
    return this.#change(permit, (log) => commitInLog(log, permit));
  }

  async release(permit: PermitMoment): Promise<ReleaseOutcome> {
    return this.#change(permit, (log) => releaseInLog(log, permit));
  }

  async fail(permit: FailedMoment): Promise<void> {
    return this.#change(permit, (log) => failInLog(log, permit));
  }

  async mark(word: ConsentWord): Promise<ConsentMark> {
    return this.#change(word, (log) => markInLog(log, word));
  }

  async takeIn(news: TouchNews): Promise<TakenIn> {
    const before = this.#log(news.userId);
    const log = takeInLog(before, news);
    this.#keep(news.userId, log);
    return { log, changed: log !== before };
  }

  async learn(userIds: readonly string[], fold: LearnPeople): Promise<void> {
    let open = userIds;
    while (open.length > 0) {
      const before = open.map((userId) => this.#log(userId).learned);
      const learned = await fold(open);
      open = open.filter((userId, i) => {
        const log = this.#log(userId);
        if (hasMoved({ ownerId: userId, log })) return false;
        if (log.learned !== before[i]) return true;
        this.#keep(userId, withLearned(log, learned[i]));
        return false;
      });
    }
  }

  async restore(entries: readonly TouchLedgerEntry[], { pruneBeforeMs }: { pruneBeforeMs: number }) {
    for (const entry of entries) {
      const log = replayEntry(this.#log(entry.userId), entry);
      this.#keep(entry.userId, prunedLog(log, pruneBeforeMs));
    }
  }

  #log(userId: string): UserTouchLog {
    return this.#logs.get(userId) ?? EMPTY_TOUCH_LOG;
  }

  #change<Outcome>({ userId, homeId = userId }: InLog, step: (log: UserTouchLog) => Step<Outcome>): Outcome {
    const { log, outcome } = step(heldHere({ ownerId: homeId, log: this.#log(homeId) }, userId));
    this.#keep(homeId, log);
    return outcome;
  }

  #keep(userId: string, log: UserTouchLog): void {
    if (isEmptyLog(log)) this.#logs.delete(userId);
    else this.#logs.set(userId, log);
  }
}
