import type { Identity, User as WireUser } from '../../gen/tagrank/v1/user.js';
import type { PersonalId } from '../../identity/identityStore.js';
import type { User } from '../../identity/user.js';
import type { RawUser } from '../../identity/validateUser.js';

export function toRawUser(user: WireUser): RawUser {
  return {
    userId: user.userId,
    gender: user.gender,
    ageBand: user.ageBand,
    region: user.region,
    timezone: user.timezone,
    attributes: user.attributes,
  };
}

export function fromUser(user: User): WireUser {
  return {
    userId: user.userId,
    gender: user.gender ?? '',
    ageBand: user.ageBand ?? '',
    region: user.region ?? '',
    timezone: user.timezone ?? '',
    attributes: { ...user.attributes },
  };
}

export function fromPersonalId({ userId, kind }: PersonalId): Identity {
  return { kind: kind ?? '', value: userId };
}
