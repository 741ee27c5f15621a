import { UnavailableError } from '../core/errors.js';
import { toldTraits } from '../identity/toldTraits.js';
import type { People, Person } from '../tags/people.js';
import type { UserState } from '../tags/userState.js';
import { type FoldRules, foldHistory } from './foldHistory.js';
import type { ProjectionStore, StoredUser } from './projectionStore.js';
import { decodeProfile, type UserProfile } from './userProfile.js';

/** Folded states kept; the ones read longest ago are forgotten first. */
const STATES_KEPT = 20_000;

interface KeptState {
  /** The very bytes that the state was folded from. */
  readonly histories: readonly Uint8Array[];
  readonly state: UserState | undefined;
}

/** A person as the store has them. */
interface StoredPerson {
  readonly profile: UserProfile;
  readonly users: readonly StoredUser[];
}

/**
 * People read from the projection: one round trip, two for a person with several ids. What was
 * folded is kept and used again for as long as the bytes are the same, so that a page of several
 * lists folds once.
 */
export class ProjectedPeople implements People {
  readonly #store: Pick<ProjectionStore, 'readUsers'>;
  readonly #rules: FoldRules;
  readonly #states = new Map<string, KeptState>();

  constructor({ store, rules }: { store: Pick<ProjectionStore, 'readUsers'>; rules: FoldRules }) {
    this.#store = store;
    this.#rules = rules;
  }

  async readPerson(userId: string): Promise<Person> {
    const [person] = await this.readPeople([userId]);
    return person as Person;
  }

  /** Several people, in the order given, for the cost of one. */
  async readPeople(userIds: readonly string[]): Promise<Person[]> {
    const stored = await this.#readStored(userIds);
    return stored.map(({ profile, users }, i) => {
      refuseUnbuilt(users);
      return {
        state: this.#fold(userIds[i] as string, users),
        told: toldTraits(profile.user),
        appliedSeq: Math.min(...users.map(({ position }) => position.appliedSeq)),
      };
    });
  }

  /** What the truth says of each id, in the order given. */
  async readProfiles(userIds: readonly string[]): Promise<UserProfile[]> {
    return (await this.#store.readUsers(userIds)).map(({ profile }) => decodeProfile(profile));
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

  #fold(userId: string, users: readonly StoredUser[]): UserState | undefined {
    const histories = users.map(({ history }) => history).filter(({ length }) => length > 0);
    const kept = this.#states.get(userId);
    this.#states.delete(userId);
    const state =
      kept !== undefined && isSame(kept.histories, histories)
        ? kept.state
        : histories.length === 0
          ? undefined
          : foldHistory(userId, histories, this.#rules);
    this.#states.set(userId, { histories, state });
    for (const longestAgo of this.#states.keys()) {
      if (this.#states.size <= STATES_KEPT) break;
      this.#states.delete(longestAgo);
    }
    return state;
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

function isSame(some: readonly Uint8Array[], others: readonly Uint8Array[]): boolean {
  return (
    some.length === others.length &&
    some.every((bytes, i) => Buffer.compare(bytes, others[i] as Uint8Array) === 0)
  );
}
