import type { UserState } from './userState.js';

/**
 * Online state of people, one read a request. An unknown user reads as undefined. What is read
 * is not to be changed, and is not kept beyond the request. Rejects with `UnavailableError` when
 * the state cannot be read in time.
 */
export interface UserStateStore {
  readUser(userId: string): Promise<UserState | undefined>;
}
