import type { Traits } from '../core/traits.js';
import type { User } from './user.js';

/** The told traits and time zones of people, in this process: read with every behaviour and request. */
export class UserDirectory {
  readonly #users = new Map<string, User>();

  put(user: User): void {
    this.#users.set(user.userId, user);
  }

  traitsOf(userId: string): Traits {
    const user = this.#users.get(userId);
    if (user === undefined) return {};
    return {
      ...(user.ageBand !== undefined && { age_band: user.ageBand }),
      ...(user.gender !== undefined && { gender: user.gender }),
      ...(user.region !== undefined && { region: user.region }),
    };
  }

  timezoneOf(userId: string): string | undefined {
    return this.#users.get(userId)?.timezone;
  }
}
