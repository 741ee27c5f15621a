import type { Traits } from '../core/traits.js';
import { aloneAs, inOrderOfWord, type PersonIds } from './personIds.js';
import { toldTraits } from './toldTraits.js';
import type { User } from './user.js';

/**
 * What was told of people and which ids are one person, in this process: read with every behaviour
 * and request. Asked for an id it answers for the whole person (T7).
 */
export class UserDirectory {
  readonly #users = new Map<string, User>();
  readonly #persons = new Map<string, PersonIds>();

  put(user: User): void {
    this.#users.set(user.userId, user);
  }

  /** These ids and no others are this person from now on. */
  setPerson(person: PersonIds): void {
    for (const userId of person.memberIds) {
      if (person.memberIds.length === 1) this.#persons.delete(userId);
      else this.#persons.set(userId, person);
    }
  }

  personOf(userId: string): PersonIds {
    return this.#persons.get(userId) ?? aloneAs(userId);
  }

  traitsOf(userId: string): Traits {
    return toldTraits(this.#first(userId, (user) => user));
  }

  /** The person's, the same under all of their ids: they have one day and one night. */
  timezoneOf(userId: string): string | undefined {
    return this.#first(this.personOf(userId).personId, ({ timezone }) => timezone);
  }

  #first<Word>(userId: string, wordOf: (user: User) => Word | undefined): Word | undefined {
    for (const id of inOrderOfWord(userId, this.personOf(userId))) {
      const user = this.#users.get(id);
      const word = user === undefined ? undefined : wordOf(user);
      if (word !== undefined) return word;
    }
    return undefined;
  }
}
