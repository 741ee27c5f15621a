import { setTimeout as sleep } from 'node:timers/promises';
import { partitionOf } from '../core/partitions.js';
import type { IdentityStore } from '../identity/identityStore.js';
import type { UserStore } from '../identity/userStore.js';
import type { ProjectedPeople } from '../projection/projectedPeople.js';
import type { ProjectionStore } from '../projection/projectionStore.js';
import { personIn } from './projectedPersons.js';

/**
 * How long a change is waited for; afterwards it is visible as soon as it is projected. Longer than it takes until
 * others have the partitions of a server that died, and 10,000 users at once under load.
 */
const VISIBLE_WAIT_MS = 5_000;
const LOOK_EVERY_MS = 8;

/**
 * Waits until every server decides by what the truth has been told of these users, or for a while; whether
 * they do. By position, not by content: what was told, taken back and told again may be on its way still.
 */
export async function untilUsersProjected(
  userIds: readonly string[],
  { users, store }: { users: Pick<UserStore, 'lastChangeSeq'>; store: Pick<ProjectionStore, 'positions'> },
): Promise<boolean> {
  const partitions = [...new Set(userIds.map(partitionOf))];
  const toldSeq = await users.lastChangeSeq();
  return untilTrue(async () => {
    const positions = await store.positions(partitions);
    return positions.every(({ epoch, profileSeq }) => epoch !== undefined && profileSeq >= toldSeq);
  });
}

/**
 * Waits until every server reads these ids as the persons that the truth has them for, or for a while;
 * whether they do.
 */
export async function untilPersonsProjected(
  userIds: readonly string[],
  { identities, people }: { identities: IdentityStore; people: Pick<ProjectedPeople, 'readProfiles'> },
): Promise<boolean> {
  return untilTrue(async () => {
    const persons = await identities.personOf(userIds);
    const members = await identities.membersOfAll([...new Set(persons.values())]);
    const wanted = [...members].flatMap(([personId, ids]) =>
      ids.map(({ userId }) => ({ userId, personId, ids })),
    );
    const profiles = await people.readProfiles(wanted.map(({ userId }) => userId));
    // The two steps of reading who is whom may have met a change: then some are nobody's here.
    const isWhole = userIds.every((userId) => wanted.some((found) => found.userId === userId));
    const isThere = wanted.every(({ userId, personId, ids }, i) => {
      const seen = personIn(profiles[i] ?? {}, userId);
      return (
        seen.personId === personId &&
        seen.memberIds.length === ids.length &&
        ids.every((id) => seen.memberIds.includes(id.userId))
      );
    });
    return isWhole && isThere;
  });
}

async function untilTrue(look: () => Promise<boolean>): Promise<boolean> {
  const endMs = performance.now() + VISIBLE_WAIT_MS;
  while (performance.now() < endMs) {
    if (await look()) return true;
    await sleep(LOOK_EVERY_MS);
  }
  return false;
}
