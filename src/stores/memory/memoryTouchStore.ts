import { timeOfWord, withMark } from '../../touch/leaveAlone.js';
import { replayEntry } from '../../touch/replayTouchLedger.js';
import type { TouchLedgerEntry } from '../../touch/touchLedger.js';
import type {
  CommitOutcome,
  ConsentWord,
  ReleaseOutcome,
  Reservation,
  ReserveOutcome,
  TouchStore,
} from '../../touch/touchStore.js';
import {
  commitInLog,
  releaseInLog,
  reserveInLog,
  type Step,
  withdrawFromLog,
} from '../../touch/touchTransitions.js';
import { EMPTY_TOUCH_LOG, isEmptyLog, prunedLog, type UserTouchLog } from '../../touch/userTouchLog.js';

/**
 * The touch log in the memory of one process: the reference implementation. Each method does its
 * work between two turns of the event loop, which makes it atomic.
 */
export class MemoryTouchStore implements TouchStore {
  readonly #logs = new Map<string, UserTouchLog>();

  async read(userId: string): Promise<UserTouchLog> {
    return this.#log(userId);
  }

  async reserve(reservation: Reservation): Promise<ReserveOutcome> {
    return this.#take(reservation.userId, reserveInLog(this.#log(reservation.userId), reservation));
  }

  async withdraw({ userId, permitId }: { userId: string; permitId: string }): Promise<void> {
    this.#keep(userId, withdrawFromLog(this.#log(userId), permitId));
  }

  async commit(permit: { userId: string; permitId: string; nowMs: number }): Promise<CommitOutcome> {
    return this.#take(permit.userId, commitInLog(this.#log(permit.userId), permit));
  }

  async release(permit: { userId: string; permitId: string; nowMs: number }): Promise<ReleaseOutcome> {
    return this.#take(permit.userId, releaseInLog(this.#log(permit.userId), permit));
  }

  async mark({ userId, channel, outcome, occurredAtMs, nowMs }: ConsentWord) {
    const log = this.#log(userId);
    const atMs = occurredAtMs ?? timeOfWord(log.marks, nowMs);
    const mark = { ...(channel !== undefined && { channel }), outcome, atMs };
    this.#keep(userId, { ...log, marks: withMark(log.marks, mark) });
    return mark;
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

  #take<Outcome>(userId: string, { log, outcome }: Step<Outcome>): Outcome {
    this.#keep(userId, log);
    return outcome;
  }

  #keep(userId: string, log: UserTouchLog): void {
    if (isEmptyLog(log)) this.#logs.delete(userId);
    else this.#logs.set(userId, log);
  }
}
