import type { IdentityStore } from '../identity/identityStore.js';
import type { UserStore } from '../identity/userStore.js';
import type { ProfileChange } from './projectionSource.js';
import { encodeProfile, type UserProfile } from './userProfile.js';

export interface ProfileFeedDeps {
  readonly users: Pick<UserStore, 'changes' | 'lastChangeSeq' | 'getUsers'>;
  readonly identities: Pick<IdentityStore, 'changes' | 'lastChangeSeq' | 'personOf' | 'membersOfAll'>;
}

/**
 * The profiles that changed, from the two streams of the truth that make them: what was told of
 * users, and whose ids they are. Both draw their seqs from one sequence, and a page ends where one
 * of them was cut off, so that one position follows both.
 */
export function createProfileFeed({ users, identities }: ProfileFeedDeps) {
  return async function readProfiles(page: { afterSeq: number; limit: number }): Promise<ProfileChange[]> {
    const heads = await Promise.all([users.lastChangeSeq(), identities.lastChangeSeq()]);
    const head = Math.max(...heads);
    if (head <= page.afterSeq) return [];
    const [told, linked] = await Promise.all([users.changes(page), identities.changes(page)]);
    const upTo = Math.min(endOf(told, { head, ...page }), endOf(linked, { head, ...page }));
    const seqs = new Map<string, number>();
    for (const { seq, userId } of [
      ...told.map(({ seq, user }) => ({ seq, userId: user.userId })),
      ...linked,
    ]) {
      if (seq <= upTo) seqs.set(userId, Math.max(seq, seqs.get(userId) ?? 0));
    }
    const profiles = await profilesOf([...seqs.keys()]);
    return [...seqs]
      .map(([userId, seq]) => ({ seq, userId, profile: encodeProfile(profiles.get(userId) ?? {}) }))
      .sort((a, b) => a.seq - b.seq);
  };

  async function profilesOf(userIds: readonly string[]): Promise<Map<string, UserProfile>> {
    const [told, persons] = await Promise.all([users.getUsers(userIds), identities.personOf(userIds)]);
    const members = await identities.membersOfAll([...new Set(persons.values())]);
    return new Map(
      userIds.map((userId) => {
        const user = told.get(userId);
        const personId = persons.get(userId) ?? userId;
        const memberIds = (members.get(personId) ?? []).map((member) => member.userId).sort();
        return [
          userId,
          {
            ...(user !== undefined && { user }),
            ...(memberIds.length > 1 && { personId, memberIds }),
          },
        ];
      }),
    );
  }
}

/** Up to where a stream's page is complete. */
function endOf(
  changes: readonly { readonly seq: number }[],
  { head, limit }: { head: number; limit: number },
): number {
  return changes.length < limit ? head : (changes.at(-1) as { seq: number }).seq;
}
