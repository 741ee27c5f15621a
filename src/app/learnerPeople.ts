import type { IdentityStore } from '../identity/identityStore.js';
import { inOrderOfWord } from '../identity/personIds.js';
import { toldTraits } from '../identity/toldTraits.js';
import type { User } from '../identity/user.js';
import type { UserStore } from '../identity/userStore.js';
import type { LearnerPerson } from '../touch/learner.js';
import { isTimezone } from '../touch/zoneClock.js';

/** Persons as the truth has them now, for many ids in three reads. */
export function createLearnerPeople({
  identities,
  users,
}: {
  identities: Pick<IdentityStore, 'personOf' | 'membersOfAll'>;
  users: Pick<UserStore, 'getUsers'>;
}): (userIds: readonly string[]) => Promise<LearnerPerson[]> {
  return async (userIds) => {
    const personIds = await identities.personOf(userIds);
    const homes = [...new Set(userIds.map((userId) => personIds.get(userId) ?? userId))];
    const members = await identities.membersOfAll(homes);
    const memberIdsOf = (homeId: string) =>
      [...new Set([homeId, ...(members.get(homeId) ?? []).map(({ userId }) => userId)])].sort();
    const told = await users.getUsers(homes.flatMap(memberIdsOf));
    return userIds.map((userId) => {
      const homeId = personIds.get(userId) ?? userId;
      const memberIds = memberIdsOf(homeId);
      const words = inOrderOfWord(homeId, { personId: homeId, memberIds });
      const first = <Word>(wordOf: (user: User) => Word | undefined) =>
        words
          .map((id) => told.get(id))
          .map((user) => user && wordOf(user))
          .find((word) => word !== undefined);
      return {
        homeId,
        memberIds,
        timezone: first(({ timezone }) => (timezone && isTimezone(timezone) ? timezone : undefined)) ?? 'UTC',
        traits: toldTraits(first((user) => user)),
      };
    });
  };
}
