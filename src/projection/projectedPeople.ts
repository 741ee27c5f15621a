import { UnavailableError } from '../core/errors.js';
import { toldTraits } from '../identity/toldTraits.js';
import type { People, Person } from '../tags/people.js';
import { FoldedStates, type KnownRevisions } from './foldedStates.js';
import type { FoldRules } from './foldHistory.js';
import type { ProjectionStore, StoredUser } from './projectionStore.js';
import { decodeProfile, type UserProfile } from './userProfile.js';

/** A person as the store has them. */
interface StoredPerson {
  readonly profile: UserProfile;
  readonly users: readonly StoredUser[];
}

/**
 * People read from the projection: one round trip, two for a person with several ids, and folded
 * here (`FoldedStates`).
 */
export class ProjectedPeople implements People {
  readonly #store: Pick<ProjectionStore, 'readUsers' | 'readProfiles'>;
  readonly #states: FoldedStates;

  constructor({
    store,
    ...folding
  }: {
    store: Pick<ProjectionStore, 'readUsers' | 'readProfiles'>;
    rules: FoldRules;
    revisions: KnownRevisions;
  }) {
    this.#store = store;
    this.#states = new FoldedStates(folding);
  }

  async readPerson(userId: string): Promise<Person> {
    const [person] = await this.readPeople([userId]);
    return person as Person;
  }

  /** Several people, in the order given, for the cost of one. */
  async readPeople(userIds: readonly string[]): Promise<Person[]> {
    const stored = await this.#readStored(userIds);
    return Promise.all(
      stored.map(async ({ profile, users }, i): Promise<Person> => {
        refuseUnbuilt(users);
        const histories = users.map(({ history }) => history).filter(({ length }) => length > 0);
        return {
          state: await this.#states.stateOf(userIds[i] as string, histories),
          told: toldTraits(profile.user),
          ...(profile.personId !== undefined && { personId: profile.personId }),
          ...(profile.memberIds !== undefined && { memberIds: profile.memberIds }),
          appliedSeq: Math.min(...users.map(({ position }) => position.appliedSeq)),
        };
      }),
    );
  }

  /** What the truth says of each id, in the order given. */
  async readProfiles(userIds: readonly string[]): Promise<UserProfile[]> {
    return (await this.#store.readProfiles(userIds)).map(decodeProfile);
  }

  async #readStored(userIds: readonly string[]): Promise<StoredPerson[]> {
    const own = await this.#store.readUsers(userIds);
    const people = own.map((user) => ({ profile: decodeProfile(user.profile), users: [user] }));
    const others = people.map(({ profile }, i) =>
      (profile.memberIds ?? []).filter((memberId) => memberId !== userIds[i]),
    );
    const memberIds = others.flat();
    if (memberIds.length === 0) return people;
    const members = await this.#store.readUsers(memberIds);
    let next = 0;
    return people.map((person, i) => {
      const count = (others[i] as string[]).length;
      const joined = members.slice(next, next + count);
      next += count;
      return { profile: wholeProfile(person.profile, joined), users: [...person.users, ...joined] };
    });
  }
}

/** A person who was never described under the id asked for may have been under another of theirs. */
function wholeProfile(profile: UserProfile, members: readonly StoredUser[]): UserProfile {
  if (profile.user !== undefined) return profile;
  const profiles = members.map((member) => decodeProfile(member.profile));
  const described =
    profiles.find(({ user }) => user !== undefined && user.userId === profile.personId) ??
    profiles.find(({ user }) => user !== undefined);
  return described === undefined ? profile : { ...profile, user: described.user };
}

function refuseUnbuilt(users: readonly StoredUser[]): void {
  if (users.some(({ position }) => position.epoch === undefined)) {
    throw new UnavailableError('the online state of this person is being built');
  }
}
