import { setTimeout as sleep } from 'node:timers/promises';
import type { IdentityStore } from '../identity/identityStore.js';
import { aloneAs, inOrderOfWord, type PersonIds } from '../identity/personIds.js';
import type { ProjectedPeople } from '../projection/projectedPeople.js';
import type { UserProfile } from '../projection/userProfile.js';
import type { TouchPerson } from '../touch/touchDependencies.js';

/** How long a change of identities is waited for; afterwards it is visible as soon as it is projected. */
const VISIBLE_WAIT_MS = 2_000;
const LOOK_EVERY_MS = 8;

/** Where touches of an id are decided, and by whose clock: one round trip, two where only another id has a zone. */
export async function readTouchPerson(
  people: Pick<ProjectedPeople, 'readProfiles'>,
  userId: string,
): Promise<TouchPerson> {
  const [profile = {}] = await people.readProfiles([userId]);
  const person = personIn(profile, userId);
  const timezone = profile.user?.timezone ?? (await zoneOfOthers());
  return { homeId: person.personId, ...(timezone !== undefined && { timezone }) };

  async function zoneOfOthers(): Promise<string | undefined> {
    const [, ...others] = inOrderOfWord(userId, person);
    if (others.length === 0) return undefined;
    const profiles = await people.readProfiles(others);
    return profiles.find(({ user }) => user?.timezone !== undefined)?.user?.timezone;
  }
}

/** Waits until every server reads these ids as the persons that the truth has them for, or for a while. */
export async function untilProjected(
  userIds: readonly string[],
  { identities, people }: { identities: IdentityStore; people: Pick<ProjectedPeople, 'readProfiles'> },
): Promise<void> {
  const endMs = performance.now() + VISIBLE_WAIT_MS;
  while (performance.now() < endMs) {
    const persons = await identities.personOf(userIds);
    const members = await identities.membersOfAll([...new Set(persons.values())]);
    const wanted = [...members].flatMap(([personId, ids]) =>
      ids.map(({ userId }) => ({ userId, personId, ids })),
    );
    const profiles = await people.readProfiles(wanted.map(({ userId }) => userId));
    const isThere = wanted.every(({ userId, personId, ids }, i) => {
      const seen = personIn(profiles[i] ?? {}, userId);
      return (
        seen.personId === personId &&
        seen.memberIds.length === ids.length &&
        ids.every((id) => seen.memberIds.includes(id.userId))
      );
    });
    if (isThere) return;
    await sleep(LOOK_EVERY_MS);
  }
}

function personIn({ personId, memberIds }: UserProfile, userId: string): PersonIds {
  return personId === undefined || memberIds === undefined ? aloneAs(userId) : { personId, memberIds };
}
