import type { User } from '../identity/user.js';

/**
 * What the truth says of a user id, as the online state keeps it: the told traits, and whose id it
 * is. Of a person with several ids each has its own profile; `memberIds` stands in all of them, so
 * that whoever reads one knows at once where the rest of the person lies (T7).
 */
export interface UserProfile {
  readonly user?: User;
  /** The id that the person's touches are kept under; absent while the id is a person of its own. */
  readonly personId?: string;
  /** All ids of the person, this one included, sorted; absent while the id is a person of its own. */
  readonly memberIds?: readonly string[];
}

export function encodeProfile(profile: UserProfile): string {
  return JSON.stringify(profile);
}

/** The profile that `encodeProfile` wrote; an empty one for undefined. */
export function decodeProfile(text: string | undefined): UserProfile {
  return text === undefined ? {} : (JSON.parse(text) as UserProfile);
}
