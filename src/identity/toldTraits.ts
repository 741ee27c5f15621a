import type { Traits } from '../core/traits.js';
import type { User } from './user.js';

/** What the caller told of a person, as traits; none of somebody whom nobody described. */
export function toldTraits(user: User | undefined): Traits {
  if (user === undefined) return {};
  return {
    ...(user.ageBand !== undefined && { age_band: user.ageBand }),
    ...(user.gender !== undefined && { gender: user.gender }),
    ...(user.region !== undefined && { region: user.region }),
  };
}
