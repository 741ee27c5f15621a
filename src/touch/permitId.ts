import { InvalidInputError } from '../core/errors.js';
import { idViolation, newId } from '../core/ids.js';
import { type Channel, isChannel } from '../core/vocabulary.js';

/** What a permit id tells: whose log holds the permit, and the channel it was for. */
export interface PermitOwner {
  readonly userId: string;
  readonly channel: Channel;
}

/**
 * A new permit id. It carries its user and channel, so that a commit finds the one log to look
 * in without an index, and an unsubscribe finds its channel even when the permit is long pruned.
 * Opaque to callers; ASCII, at most 256 bytes.
 */
export function newPermitId({ userId, channel }: PermitOwner): string {
  return `${channel}.${Buffer.from(userId).toString('base64url')}.${newId()}`;
}

const MALFORMED = { field: 'permit_id', rule: 'must be one that ReserveTouch gave' };

/** Whose permit it is; throws `InvalidInputError` for anything that `newPermitId` cannot have made. */
export function permitOwner(permitId: string): PermitOwner {
  const owner = readPermitId(permitId);
  if (owner === undefined) throw new InvalidInputError(MALFORMED);
  return owner;
}

/** The same, undefined for anything else. */
export function readPermitId(permitId: string): PermitOwner | undefined {
  const [channel = '', user = '', unique = '', ...rest] = permitId.split('.');
  const userId = Buffer.from(user, 'base64url').toString();
  const sound =
    isChannel(channel) &&
    rest.length === 0 &&
    /^[0-9a-f-]{36}$/.test(unique) &&
    idViolation('user_id', userId) === undefined &&
    Buffer.from(userId).toString('base64url') === user;
  return sound ? { userId, channel } : undefined;
}
