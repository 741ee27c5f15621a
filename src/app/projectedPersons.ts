import type { BehaviourWeights } from '../behaviour/weights.js';
import { aloneAs, inOrderOfWord, type PersonIds } from '../identity/personIds.js';
import { toldTraits } from '../identity/toldTraits.js';
import type { User } from '../identity/user.js';
import type { ProjectedPeople } from '../projection/projectedPeople.js';
import type { UserProfile } from '../projection/userProfile.js';
import { shopWeights } from '../tags/shopWeights.js';
import type { TouchPerson } from '../touch/touchDependencies.js';

/**
 * Where touches of ids are decided, and by whose clock, in the order given: one round trip, two where somebody
 * has several ids. A person has one day and one night, under whichever id: the zone of the id that they are named
 * after, or else the first by id.
 */
export async function readTouchPersons(
  people: Pick<ProjectedPeople, 'readProfiles'>,
  userIds: readonly string[],
): Promise<TouchPerson[]> {
  const profiles = await people.readProfiles(userIds);
  const persons = userIds.map((userId, i) => {
    const { user } = profiles[i] ?? {};
    const ids = personIn(profiles[i] ?? {}, userId);
    const zone = user?.timezone;
    const isNamedAfter = ids.personId === userId && zone !== undefined;
    const order = isNamedAfter ? [userId] : inOrderOfWord(ids.personId, ids);
    return { userId, homeId: ids.personId, zone, traits: toldTraits(user), order };
  });
  const otherIds = persons.flatMap(({ userId, order }) => order.filter((id) => id !== userId));
  const ofOthers = otherIds.length === 0 ? [] : await people.readProfiles(otherIds);
  const zones = new Map(otherIds.map((userId, i) => [userId, ofOthers[i]?.user?.timezone]));
  return persons.map(({ userId, homeId, zone, traits, order }) => {
    const timezone = order
      .map((id) => (id === userId ? zone : zones.get(id)))
      .find((known) => known !== undefined);
    return { homeId, traits, ...(timezone !== undefined && { timezone }) };
  });
}

/** People whose shops are read and folded in one piece: a few milliseconds in which nobody else has a turn. */
const PEOPLE_IN_A_PIECE = 100;

/**
 * The shops that people care for, in the order given; read beside `readTouchPersons`. Absent where what
 * somebody did cannot be read now: their budget is then the same for every shop.
 */
export async function readShops(
  people: Pick<ProjectedPeople, 'readPeople'>,
  userIds: readonly string[],
  weights: BehaviourWeights,
): Promise<TouchPerson['shops'][]> {
  const shops: TouchPerson['shops'][] = [];
  for (let start = 0; start < userIds.length; start += PEOPLE_IN_A_PIECE) {
    const piece = userIds.slice(start, start + PEOPLE_IN_A_PIECE);
    const read = await people.readPeople(piece).catch(() => []);
    shops.push(...piece.map((_, i) => read[i]?.state && shopWeights(read[i].state, weights)));
  }
  return shops;
}

/** What was told of ids through another id of the same person (T7); of others nothing. */
export async function readDescribed(
  people: Pick<ProjectedPeople, 'readProfiles'>,
  userIds: readonly string[],
): Promise<ReadonlyMap<string, User>> {
  if (userIds.length === 0) return new Map();
  const profiles = await people.readProfiles(userIds);
  const others = userIds.map((userId, i) => {
    const [, ...rest] = inOrderOfWord(userId, personIn(profiles[i] ?? {}, userId));
    return rest;
  });
  const otherIds = [...new Set(others.flat())];
  const ofOthers = otherIds.length === 0 ? [] : await people.readProfiles(otherIds);
  const users = new Map(otherIds.map((userId, i) => [userId, ofOthers[i]?.user]));
  const described = new Map<string, User>();
  for (const [i, userId] of userIds.entries()) {
    const user = (others[i] as string[])
      .map((otherId) => users.get(otherId))
      .find((known) => known !== undefined);
    if (user !== undefined) described.set(userId, user);
  }
  return described;
}

/** Who an id belongs to by its profile: itself alone unless that names others. */
export function personIn({ personId, memberIds }: UserProfile, userId: string): PersonIds {
  return personId === undefined || memberIds === undefined ? aloneAs(userId) : { personId, memberIds };
}
