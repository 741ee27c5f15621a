import type { UserDirectory } from '../../identity/userDirectory.js';
import type { People, Person } from '../../tags/people.js';
import type { MemoryOnlineState } from './memoryOnlineState.js';

/** People of embedded mode: all of them are in this process. */
export class MemoryPeople implements People {
  readonly #state: MemoryOnlineState;
  readonly #directory: UserDirectory;

  constructor({ state, directory }: { state: MemoryOnlineState; directory: UserDirectory }) {
    this.#state = state;
    this.#directory = directory;
  }

  async readPerson(userId: string): Promise<Person> {
    const { personId, memberIds } = this.#directory.personOf(userId);
    return {
      ...(memberIds.length > 1 && { personId, memberIds }),
      state: this.#state.userNow(userId),
      told: this.#directory.traitsOf(userId),
      appliedSeq: this.#state.appliedSeq(),
    };
  }
}
