import type { User } from './user.js';

/** The truth about users. Writes resolve after the commit, all or nothing for one call. */
export interface UserStore {
  /** The same `userId` twice in a call: the later one wins. */
  upsertUsers(users: readonly User[]): Promise<void>;
  getUser(userId: string): Promise<User | undefined>;
  /** All users, by id, in pages. */
  allUsers(): AsyncIterable<User[]>;
  count(): Promise<number>;
}
