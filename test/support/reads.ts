import type { Traits } from '../../src/core/traits.js';
import type { People } from '../../src/tags/people.js';
import { createReadYourWrites, type ReadYourWrites } from '../../src/tags/readYourWrites.js';
import type { UserStateStore } from '../../src/tags/userStateStore.js';

/** Reads of people whose state is up to date whenever it is asked for. */
export function readsOf(people: People): ReadYourWrites {
  return createReadYourWrites({
    people,
    waitForItems: async () => true,
    elapsedMs: () => performance.now(),
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  });
}

/** People out of a plain online state and told traits. */
export function peopleOf(users: UserStateStore, told: (userId: string) => Traits = () => ({})): People {
  return {
    readPerson: async (userId) => ({
      state: await users.readUser(userId),
      told: told(userId),
      appliedSeq: Number.MAX_SAFE_INTEGER,
    }),
  };
}
