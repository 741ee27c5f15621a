import type { EpochMs } from '../core/time.js';
import type { Channel } from '../core/vocabulary.js';
import type { ConsentMark } from './leaveAlone.js';
import type { TouchContent, TouchOutcome, TouchReason } from './touch.js';
import type { TouchFailure } from './touchFailure.js';

/** A permit was given out. Counts against the caps until `expiresAtMs` unless something follows. */
export interface ReservedEntry extends TouchContent {
  readonly kind: 'reserved';
  readonly userId: string;
  /** The caller's idempotency key, unique per user. */
  readonly requestId: string;
  /** Ours; up to 256 bytes of ASCII. */
  readonly permitId: string;
  readonly atMs: EpochMs;
  readonly expiresAtMs: EpochMs;
  /** The policy's version at that moment, a whole number from 0. */
  readonly policyVersion: number;
  /** The rule that decided, and why; a repeat of the request answers with the same two. */
  readonly ruleId: string;
  readonly reason: TouchReason;
  /** In a copy made when touches moved: what the channel had reported of it. */
  readonly failed?: TouchFailure;
}

/** A reservation was refused. Holds nothing; kept so that an operator can ask why. */
export interface RefusedEntry extends TouchContent {
  readonly kind: 'refused';
  readonly userId: string;
  /** The id that was asked for, where that is another one of the person (T7). */
  readonly memberId?: string;
  readonly requestId: string;
  readonly atMs: EpochMs;
  readonly policyVersion: number;
  readonly verdict: 'delay' | 'deny';
  readonly ruleId: string;
  readonly reason: TouchReason;
  /** When it would have been allowed; absent when never. */
  readonly notBeforeMs?: EpochMs;
}

/** The message of a permit went out. From here on it counts as sent at `atMs`. */
export interface CommittedEntry {
  readonly kind: 'committed';
  readonly userId: string;
  readonly permitId: string;
  readonly atMs: EpochMs;
  /** True when the permit had expired before. It counts all the same. */
  readonly late: boolean;
  /** The slot had gone to a touch of higher priority before. It counts all the same. */
  readonly taken?: true;
}

/** The message of a permit did not go out; its slot is free again. */
export interface ReleasedEntry {
  readonly kind: 'released';
  readonly userId: string;
  readonly permitId: string;
  readonly atMs: EpochMs;
}

/**
 * The slot of a permit went to a touch of higher priority (C4). In the `append` of every reservation that was
 * given out while it might else have held its slot, each time after its own reservation, which is there once
 * more: that one's entry may still be on its way.
 */
export interface TakenEntry {
  readonly kind: 'taken';
  readonly userId: string;
  readonly permitId: string;
  /** The permit that took it; its reservation may have been withdrawn since. */
  readonly takenBy: string;
  /** Of the first such entry when it was taken; of those that say it again, of their reservation. */
  readonly atMs: EpochMs;
}

/** What became of a message, or what a person said about being written to at all (C8). */
export interface OutcomeEntry {
  readonly kind: 'outcome';
  readonly userId: string;
  /** The id that it was reported under, where that is another one of the person (T7). */
  readonly memberId?: string;
  /** The touch that it answers; absent when it answers none. */
  readonly permitId?: string;
  /** Absent: all channels. */
  readonly channel?: Channel;
  readonly outcome: TouchOutcome;
  /** When it happened. Of two that contradict each other the later holds; at a tie, leaving alone. */
  readonly atMs: EpochMs;
  /** When we were told. */
  readonly recordedAtMs: EpochMs;
}

/**
 * Under which id the touches of `memberId` are kept from here on (T7), told to the log of `userId`:
 * each log that must know has an entry of its own, so that it can be made anew from its own entries.
 * Touches that come to a new home stand in its entries once more, in the same `append`.
 */
export interface HomeEntry {
  readonly kind: 'home';
  readonly userId: string;
  readonly memberId: string;
  readonly homeId: string;
  /** `TouchHome.seq`: of two words about one id the higher holds, whatever their order here. */
  readonly identitySeq: number;
  readonly atMs: EpochMs;
}

/**
 * Whether a person is left alone, as it came to a log when touches moved: what was said stands in an
 * outcome already, maybe under another id. Marks replay by the rules of outcomes.
 */
export interface MarkEntry extends ConsentMark {
  readonly kind: 'mark';
  readonly userId: string;
}

export type TouchLedgerEntry =
  | ReservedEntry
  | RefusedEntry
  | CommittedEntry
  | ReleasedEntry
  | TakenEntry
  | OutcomeEntry
  | HomeEntry
  | MarkEntry;

/** What was done to a permit. */
export type PermitEntry = Extract<
  LoggedTouchEntry,
  { kind: 'reserved' | 'committed' | 'released' | 'taken' }
>;

/** What patience and hours are learned from. */
export type EvidenceEntry = Extract<LoggedTouchEntry, { kind: 'reserved' | 'committed' | 'outcome' }>;

/** Entries of one id that are learned from: hundreds of messages, of which the old have faded. */
export const EVIDENCE_KEPT = 2_000;

/** What stands in a person's history. */
export type TouchHistoryFact = Exclude<LoggedTouchEntry, { kind: 'home' | 'mark' }>;

/** An entry in the ledger. */
export type LoggedTouchEntry = TouchLedgerEntry & {
  /** Position in the ledger, from 1, rising, with gaps. */
  readonly seq: number;
};

/**
 * The durable ledger of touch decisions: the truth from which the online touch log is rebuilt.
 * Append-only: no entry is ever changed or taken back.
 *
 * - `append` resolves only after the commit: what it acknowledged survives a kill at any moment.
 *   Entries of one call are all or nothing and keep their order; concurrent calls may share a
 *   transaction and fall in any order among each other. An empty call does nothing.
 * - `userId` is the id that the person's touches are kept under at that moment (`TouchStore`); which of
 *   their ids a permit was asked for, its permit id tells.
 * - There is no duplicate check. A retried request appends its entry once more, and a failed call
 *   may (lost answer) have been written all the same; the reader (`replayTouchLedger`) takes a
 *   repeat of the same entry as nothing new.
 * - An entry that follows from another (a commit from its reservation) is appended only after the
 *   other's append resolved, and must get the higher `seq`.
 * - All strings are checked (ids of at most 128 bytes, no control characters; permit ids up to 256
 *   bytes); all times are whole milliseconds; optional fields read back as absent, not null.
 * - On an engine failure all reject with `UnavailableError`.
 * - `read` yields entries with `seq > afterSeq` in rising order, each exactly once, at most `limit`
 *   of them, fewer (or none) at the end, and only below the oldest write still under way, so that
 *   nothing can appear behind a place already read. With `partitions` only entries of users who lie
 *   in those (`partitionOf`); an empty list has none.
 * - An entry belongs to the history of the id that its permit was asked for (`readPermitId`); one without
 *   a permit to that of its `memberId`, else of its `userId`; a home, a mark, or a permit that nobody was
 *   given, to nobody's. So touches stay with their id, whichever log they move to.
 */
export interface TouchLedger {
  append(entries: readonly TouchLedgerEntry[]): Promise<void>;
  read(options: {
    afterSeq: number;
    limit: number;
    partitions?: readonly number[];
  }): Promise<LoggedTouchEntry[]>;
  /** The highest seq that `read` would yield now, 0 for an empty ledger. */
  lastSeq(): Promise<number>;
  /**
   * The history of a person with these ids, by falling seq: entries below `beforeSeq`, at most `limit`,
   * fewer only at the end. What stands in the ledger again (a retry, or a copy made when the touches of
   * ids moved) is there once, where it stood first: the same permit and kind; of outcomes the same
   * outcome and moment too; of words about being left alone the same outcome, channel and moment.
   */
  historyOf(options: {
    userIds: readonly string[];
    beforeSeq: number;
    limit: number;
  }): Promise<TouchHistoryFact[]>;
  /**
   * What the histories of these ids teach about patience and hours, by rising seq: reservations, commits and
   * outcomes but `delivered`, of each id the last `EVIDENCE_KEPT`. Repeats stand in it.
   */
  evidenceOf(userIds: readonly string[]): Promise<EvidenceEntry[]>;
  /** Ids with a history, in rising order from the first after `afterId`, at most `limit`; fewer at the end. */
  idsAfter(options: { afterId: string; limit: number }): Promise<string[]>;
  /** What was said about being written to at all (C8) in the histories of these ids, by rising moment. */
  wordsOf(userIds: readonly string[]): Promise<OutcomeEntry[]>;
  /** Every entry of these permits but outcomes, by rising seq. */
  ofPermits(permitIds: readonly string[]): Promise<PermitEntry[]>;
}
