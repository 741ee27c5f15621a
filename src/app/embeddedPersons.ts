import type { BehaviourLog } from '../behaviour/behaviourLog.js';
import type { IdentityStore } from '../identity/identityStore.js';
import type { PersonIds } from '../identity/personIds.js';
import type { UserDirectory } from '../identity/userDirectory.js';
import type { MemoryOnlineState } from '../stores/memory/memoryOnlineState.js';

/** Changes of identities read at a time. */
const PAGE = 2_000;

/** Keeps the persons of several ids in this process as the truth has them (T7). */
export interface EmbeddedPersons {
  /** Puts all of them together, before the log is replayed. */
  begin(): Promise<void>;
  /** Looks who these ids are now, and reads anew what they did. */
  follow(userIds: readonly string[]): Promise<void>;
}

export function createEmbeddedPersons({
  identities,
  log,
  directory,
  state,
}: {
  identities: IdentityStore;
  log: Pick<BehaviourLog, 'lastSeq' | 'readOfUsers'>;
  directory: UserDirectory;
  state: MemoryOnlineState;
}): EmbeddedPersons {
  let last: Promise<void> = Promise.resolve();

  /**
   * Who is whom is read in two steps, and may change between them and while a person is put together. So
   * whoever is left without a person by that, or with one that they are no longer part of, is looked at again.
   */
  async function look(userIds: readonly string[]): Promise<void> {
    const open = new Set(userIds.flatMap((userId) => [userId, ...directory.personOf(userId).memberIds]));
    while (open.size > 0) {
      const persons = await personsOf(identities, [...open]);
      const left = new Set<string>();
      for (const person of persons) {
        for (const userId of person.memberIds) {
          open.delete(userId);
          for (const mate of directory.personOf(userId).memberIds) left.add(mate);
        }
        if (!person.memberIds.every((userId) => isSame(directory.personOf(userId), person)))
          await settle(person);
      }
      for (const userId of left) if (!isWhole(userId)) open.add(userId);
    }
  }

  /** Whether all that the id is put together with are put together with it. */
  function isWhole(userId: string): boolean {
    const person = directory.personOf(userId);
    return person.memberIds.every((mate) => isSame(directory.personOf(mate), person));
  }

  async function settle(person: PersonIds): Promise<void> {
    const [only, ...others] = person.memberIds;
    if (only !== undefined && others.length === 0) state.partPerson(only);
    else await state.joinPerson(person.memberIds, () => read(person.memberIds));
    directory.setPerson(person);
  }

  async function read(userIds: readonly string[]) {
    const throughSeq = await log.lastSeq();
    return { behaviours: await log.readOfUsers({ userIds, throughSeq }), throughSeq };
  }

  return {
    async begin() {
      const personIds = new Set<string>();
      for (let afterSeq = 0; ; ) {
        const page = await identities.changes({ afterSeq, limit: PAGE });
        for (const { personId } of page) personIds.add(personId);
        const end = page.at(-1);
        if (end === undefined || page.length < PAGE) break;
        afterSeq = end.seq;
      }
      for (const person of await personsOf(identities, [...personIds])) {
        if (person.memberIds.length === 1) continue;
        state.beginPerson(person.memberIds);
        directory.setPerson(person);
      }
    },
    // One after the other, each by what the truth says when its turn comes: so the last one has the last word.
    follow(userIds) {
      const own = last.then(() => look(userIds));
      last = own.catch(() => undefined);
      return own;
    },
  };
}

async function personsOf(identities: IdentityStore, userIds: readonly string[]): Promise<PersonIds[]> {
  const personIds = [...new Set((await identities.personOf(userIds)).values())];
  const members = await identities.membersOfAll(personIds);
  return personIds.map((personId) => ({
    personId,
    memberIds: (members.get(personId) ?? []).map(({ userId }) => userId).sort(),
  }));
}

function isSame(a: PersonIds, b: PersonIds): boolean {
  return (
    a.personId === b.personId &&
    a.memberIds.length === b.memberIds.length &&
    a.memberIds.every((userId, i) => userId === b.memberIds[i])
  );
}
