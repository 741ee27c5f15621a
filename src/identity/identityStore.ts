import type { EpochMs } from '../core/time.js';

/** Most ids that one person may have: what is known of all of them is read at once. */
export const MAX_IDS_A_PERSON = 100;

/** Says that `otherId` belongs to the person that `userId` belongs to. */
export interface IdentityLink {
  readonly userId: string;
  readonly otherId: string;
  /** What `otherId` is, e.g. `wechat_unionid`; kept, not interpreted. Absent leaves what was said before. */
  readonly kind?: string;
  readonly nowMs: EpochMs;
}

/** The person that stands after a call, and whether anybody's ids changed by it. */
export interface IdentityOutcome {
  readonly personId: string;
  readonly changed: boolean;
}

/** One id of a person. */
export interface PersonalId {
  readonly userId: string;
  readonly kind?: string;
  /** When it came to the person that it belongs to now, or was taken out; absent if it was never linked. */
  readonly linkedAtMs?: EpochMs;
  /**
   * Its latest change (`changes`), absent if it was never linked. Whoever keeps elsewhere whose id it
   * is can tell the later word from the earlier: each change of its group gives it a higher one.
   */
  readonly seq?: number;
}

/** An id whose person, or whose person's other ids, changed; as they are now. */
export interface IdentityChange {
  readonly seq: number;
  readonly userId: string;
  readonly personId: string;
}

/**
 * The truth about which user ids are one person (T7). Ids fall into groups; an id that nobody ever
 * linked is a person of its own. A person is named by one of its own ids, so that two persons never
 * share a name.
 *
 * - Writes take turns and resolve after the commit; a retry of one that was done changes nothing.
 *   Every link and unlink that changed something is kept for ever beside the groups.
 * - Behaviours, touches and traits stay under the ids that they came with. A group says only what
 *   is read together, so a wrong link is undone by taking the id out again.
 * - On an engine failure all reject with `UnavailableError`.
 */
export interface IdentityStore {
  /**
   * Merges the groups of the two ids; the group of `userId` keeps its person id. Two ids that are
   * one person already, or one id twice, change nothing (but the kind, when another is given).
   * Throws `FailedPreconditionError`, and changes nothing, when the person would have more than
   * `MAX_IDS_A_PERSON` ids.
   */
  link(link: IdentityLink): Promise<IdentityOutcome>;
  /**
   * Takes an id out of its group: it becomes a person of its own, under its own id. The rest stay
   * together under the person id that they had; when that is the id that left, under the first of
   * theirs in bytes. An id that is alone stays as it is. Answers the person of `otherId`.
   */
  unlink(options: { otherId: string; nowMs: EpochMs }): Promise<IdentityOutcome>;
  /** The person of each id, under the id as it was given; of an id that was never linked, the id itself. */
  personOf(userIds: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /**
   * The ids of a person, by id in bytes: of an id that is alone, the id itself. Empty when the id
   * names no person because it belongs to another one.
   */
  membersOf(personId: string): Promise<readonly PersonalId[]>;
  /** The same for many persons at once, under the ids as they were given. */
  membersOfAll(personIds: readonly string[]): Promise<ReadonlyMap<string, readonly PersonalId[]>>;
  /**
   * Ids that changed after `afterSeq`, in rising seq, at most `limit`; fewer (or none) at the end.
   * Every id of every group that won or lost an id, each once, at its latest change. An id that was
   * taken out names itself as its person.
   *
   * Seqs are those of `UserStore.changes` too. To follow both streams with one position, read both
   * `lastChangeSeq` first and go no further than the higher of them: what either stream has up to
   * there is then visible, while a page alone says nothing about the other stream.
   */
  changes(options: { afterSeq: number; limit: number }): Promise<IdentityChange[]>;
  /** The highest seq that `changes` would yield now, 0 when nothing was ever linked. */
  lastChangeSeq(): Promise<number>;
}
