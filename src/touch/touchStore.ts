import type { UnavailableError } from '../core/errors.js';
import type { EpochMs, TtlMs } from '../core/time.js';
import type { Channel } from '../core/vocabulary.js';
import type { DecisionInput, TouchDecision } from './decideTouch.js';
import type { TouchNews } from './joinTouchLogs.js';
import type { LearnedPerson } from './learnedPerson.js';
import type { ConsentMark, ConsentOutcome } from './leaveAlone.js';
import type { TouchFailure } from './touchFailure.js';
import type { TouchLedgerEntry } from './touchLedger.js';
import type { TouchRecord, UserTouchLog } from './userTouchLog.js';

/** Whose touches, and in which log they are believed to be. */
export interface InLog {
  readonly userId: string;
  /** The id whose log is asked; `userId` when absent. */
  readonly homeId?: string;
}

/** A permit, and when something happens to it. */
export interface PermitMoment extends InLog {
  readonly permitId: string;
  readonly nowMs: EpochMs;
}

/** A commit: of a permit whose slot is gone, or whose person is left alone, only where the message is out already. */
export interface CommitMoment extends PermitMoment {
  /** Nothing changes where the slot is gone, expired or taken, or the person is left alone; absent is false. */
  readonly onlyIfHeld?: boolean;
}

/** A report of the channel, and when it came. */
export interface FailedMoment extends PermitMoment {
  readonly failure: TouchFailure;
}

/** A reservation, checked, with all that the rules need besides the log. */
export interface Reservation extends DecisionInput, InLog {
  readonly requestId: string;
  /** Taken for the new record when the answer is `granted`; otherwise forgotten. */
  readonly permitId: string;
  readonly ttlMs: TtlMs;
}

export type ReserveOutcome =
  /** A record was appended. `decision` allows and shows the rules as they stood before it. */
  | {
      readonly kind: 'granted';
      readonly record: TouchRecord;
      /**
       * All in the log that were taken and have not run out, as they are now: by this one
       * (`TouchDecision.takes`) and by others. The permit rests on their slots being free, so the ledger
       * must not have it without them: who took them may be withdrawn, or never get into the ledger.
       */
      readonly taken: readonly TouchRecord[];
      readonly decision: TouchDecision;
      /** The request had a permit, whose slot was taken. */
      readonly wasTaken: boolean;
    }
  /** The request has a permit that holds a slot or was committed; no other was made. */
  | {
      readonly kind: 'repeated';
      readonly record: TouchRecord;
      /** As above. */
      readonly taken: readonly TouchRecord[];
      readonly decision: TouchDecision;
    }
  /** The request id has a permit for another touch; these fields differ. */
  | { readonly kind: 'conflict'; readonly fields: readonly string[] }
  /** Nothing is held, and nothing remembered: asked again, the request is decided afresh. */
  | {
      readonly kind: 'refused';
      readonly decision: TouchDecision;
      /** The request had a permit, whose slot was taken. */
      readonly wasTaken: boolean;
    };

/** Of many asked at once, what a call for this one alone would resolve to, or reject with. */
export type OneOfMany<Outcome> = Outcome | UnavailableError;

export type CommitOutcome =
  | { readonly kind: 'committed'; readonly record: TouchRecord; readonly repeated: boolean }
  /** Nothing was changed: only a held slot was to be committed, and this one expired or was taken. */
  | { readonly kind: 'not_held'; readonly taken: boolean }
  /** Nothing was changed: the message is not out yet, and the person is to be left alone (C8). */
  | { readonly kind: 'left_alone' }
  | { readonly kind: 'released' }
  | { readonly kind: 'unknown' };

export type ReleaseOutcome =
  | {
      readonly kind: 'released';
      readonly record: TouchRecord;
      readonly expired: boolean;
      readonly taken: boolean;
    }
  | { readonly kind: 'committed' }
  | { readonly kind: 'unknown' };

/** A word of the person about being written to, before it has its place in time. */
export interface ConsentWord extends InLog {
  /** Absent: all channels. */
  readonly channel?: Channel;
  readonly outcome: ConsentOutcome;
  /** Absent: now, but after everything said before (`timeOfWord`). */
  readonly occurredAtMs?: EpochMs;
  readonly nowMs: EpochMs;
}

/** A log with news in it, and whether it was changed by them. */
export interface TakenIn {
  readonly log: UserTouchLog;
  readonly changed: boolean;
}

/** What the truth says about people's patience and hours now, of each in the order given. */
export type LearnPeople = (userIds: readonly string[]) => Promise<readonly (LearnedPerson | undefined)[]>;

/**
 * The online touch log: one `UserTouchLog` a user id, of whom nothing is known where none is kept.
 * What it must do is written as pure functions in `touchTransitions.ts`, `leaveAlone.ts` and
 * `joinTouchLogs.ts`. Every back end calls them: in the process (memory), or on the log as read, which
 * is replaced only where it is still the same (Redis; decision 0007).
 *
 * - The touches of linked ids are kept in one log, their home (T7). Every log knows which ids it holds,
 *   and at any moment at most one holds an id: all methods with `InLog` reject with `TouchesMovedError`,
 *   having done nothing, where the log does not hold the touches of `userId` (`heldHere`).
 * - Every method is atomic for the log: of concurrent calls each sees all or nothing of another.
 *   That is the whole of C6: `reserve` decides and appends in one step. All keys of a user id can lie
 *   in one slot; nothing here looks at two logs at once.
 * - Time is passed in and may step back between calls. Nothing compares it with a store's own
 *   clock but the freeing of storage. A touch counts until a moment fixed when it was written, so
 *   a clock that steps back makes caps tighter, never wider.
 * - A method repeated after a lost answer does no harm: `reserve` finds its request, `commit`,
 *   `release`, `withdraw` and `mark` their own work.
 * - Records are pruned once they are older than `touchRetentionMs(policy)`; a permit pruned is
 *   `unknown`. Marks are kept for ever.
 * - All reject with `UnavailableError` when the engine fails; nothing may then be sent.
 */
export interface TouchStore {
  /** The log of a user id as it is, also when it has moved; writes nothing. Of an unknown one, an empty one. */
  read(userId: string): Promise<UserTouchLog>;
  /** `read` of many, in the order given, for little more than the cost of one; rejects for none of them. */
  readMany(userIds: readonly string[]): Promise<readonly OneOfMany<UserTouchLog>[]>;
  /** `reserveInLog`. */
  reserve(reservation: Reservation): Promise<ReserveOutcome>;
  /**
   * `reserve` of many, in the order given; rejects for none of them. Those for one log are decided in
   * their order and in one step (`reserveManyInLog`); different logs are changed independently, in any
   * order. No other caller waits for all of them, not even one for the same person.
   */
  reserveMany(reservations: readonly Reservation[]): Promise<readonly OneOfMany<ReserveOutcome>[]>;
  /**
   * Takes a reservation back whose ledger entry could not be written. Leaves it (until it
   * expires) when a repeat was answered with it meanwhile, or when it is unknown. What it took from
   * others is not given back: they may have been told.
   */
  withdraw(permit: InLog & { readonly permitId: string }): Promise<void>;
  /** `commitInLog`. */
  commit(permit: CommitMoment): Promise<CommitOutcome>;
  /** `releaseInLog`. */
  release(permit: PermitMoment): Promise<ReleaseOutcome>;
  /** `failInLog`, once the ledger has it. */
  fail(permit: FailedMoment): Promise<void>;
  /** Keeps a word about being left alone, from this moment on in force, and answers with its place in time. */
  mark(word: ConsentWord): Promise<ConsentMark>;
  /**
   * `takeInLog`: tells a log where the touches of ids are kept, and hands it those that come to it.
   * What is closed by this outlives an engine's failure as a permit does.
   */
  takeIn(news: TouchNews): Promise<TakenIn>;
  /**
   * Keeps what was learned of people in their logs. `fold` is asked for each after its log was read, and
   * what it answers is kept only where what was learned before is still the same; otherwise it is asked
   * anew. So of two who learn at once, whoever read the truth last has the last word. A log that has moved
   * keeps nothing.
   */
  learn(userIds: readonly string[], fold: LearnPeople): Promise<void>;
  /**
   * Applies entries of the ledger in the order given (`replayEntry`), on top of what is there;
   * repeated, changes nothing. Records that ended before `pruneBeforeMs` need not be kept.
   */
  restore(entries: readonly TouchLedgerEntry[], options: { pruneBeforeMs: EpochMs }): Promise<void>;
}
