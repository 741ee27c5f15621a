import type { User } from './user.js';

/** A user as of their latest change. */
export interface UserChange {
  readonly seq: number;
  readonly user: User;
}

/**
 * The truth about users. Writes resolve after the commit, all or nothing for one call; writing
 * equal content again changes nothing.
 *
 * Every write that changes a user gives it a new seq, in the order in which writes become visible:
 * nothing can appear behind a seq that `changes` or `lastChangeSeq` has shown. Seqs come from the
 * sequence that `IdentityStore` draws from too, so that one position follows both.
 */
export interface UserStore {
  /** The same `userId` twice in a call: the later one wins. */
  upsertUsers(users: readonly User[]): Promise<void>;
  getUser(userId: string): Promise<User | undefined>;
  /** Those of the ids that are known, under the id as it was given. */
  getUsers(userIds: readonly string[]): Promise<ReadonlyMap<string, User>>;
  /** All users, by id, in pages. */
  allUsers(): AsyncIterable<User[]>;
  count(): Promise<number>;
  /**
   * Users that changed after `afterSeq`, in rising seq, at most `limit`; fewer (or none) at the end.
   * Each user once, at their latest change: one that changes again moves to the end.
   */
  changes(options: { afterSeq: number; limit: number }): Promise<UserChange[]>;
  /** The highest seq that `changes` would yield now, 0 without users. */
  lastChangeSeq(): Promise<number>;
}
