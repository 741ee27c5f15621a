import type { Traits } from '../core/traits.js';
import { toldTraits } from './toldTraits.js';
import type { User } from './user.js';

/** The told traits and time zones of people, in this process: read with every behaviour and request. */
export class UserDirectory {
  readonly #users = new Map<string, User>();

  put(user: User): void {
    this.#users.set(user.userId, user);
  }

  traitsOf(userId: string): Traits {
    return toldTraits(this.#users.get(userId));
  }

  timezoneOf(userId: string): string | undefined {
    return this.#users.get(userId)?.timezone;
  }
}
