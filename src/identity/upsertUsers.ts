import type { Violation } from '../core/errors.js';
import type { User } from './user.js';
import type { UserStore } from './userStore.js';
import { type RawUser, validateUser } from './validateUser.js';

export type UpsertUserOutcome =
  | { readonly status: 'accepted' }
  | { readonly status: 'rejected'; readonly violations: readonly Violation[] };

/**
 * Keeps the users that pass their checks; one outcome for each, in order, after the commit, and once they
 * are decided by. Throws `UnavailableError`, and then nothing may have been kept.
 */
export function createUpsertUsers(deps: {
  store: Pick<UserStore, 'upsertUsers'>;
  /** Told what has been committed; resolves when every server decides by it, or cannot be waited for. */
  onKept: (users: readonly User[]) => Promise<void>;
}) {
  return async function upsertUsers(users: readonly RawUser[]): Promise<UpsertUserOutcome[]> {
    const good: User[] = [];
    const outcomes = users.map((raw, at): UpsertUserOutcome => {
      const checked = validateUser(raw, `users[${at}]`);
      if (!checked.ok) return { status: 'rejected', violations: checked.violations };
      good.push(checked.value);
      return { status: 'accepted' };
    });
    if (good.length > 0) {
      await deps.store.upsertUsers(good);
      await deps.onKept(good);
    }
    return outcomes;
  };
}
