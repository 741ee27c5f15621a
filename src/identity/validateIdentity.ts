import { InvalidInputError } from '../core/errors.js';
import { asRecord, FieldReader } from '../core/fieldReader.js';

/** UTF-8 bytes of the kind of an id. */
export const MAX_KIND_BYTES = 64;

/** A link as a caller gave it; of the kind, empty means absent. */
export interface RawIdentityLink {
  readonly userId: string;
  readonly identity?: { readonly value: string; readonly kind?: string };
}

export interface CheckedIdentityLink {
  readonly userId: string;
  readonly otherId: string;
  readonly kind?: string;
}

/** The link in the room's words; throws `InvalidInputError` with every violation. */
export function validateIdentityLink(raw: RawIdentityLink): CheckedIdentityLink {
  const identity = asRecord(raw.identity);
  const [top, inner] = [new FieldReader(''), new FieldReader('identity')];
  const userId = top.id('user_id', raw.userId);
  if (raw.identity === undefined) top.violate('identity', 'must be given');
  const otherId = raw.identity === undefined ? '' : inner.id('value', identity.value);
  const kind = inner.optionalText('kind', identity.kind, MAX_KIND_BYTES);
  const violations = [...top.violations, ...inner.violations];
  if (violations.length > 0) throw new InvalidInputError(violations);
  return { userId, otherId, ...(kind !== undefined && { kind }) };
}

/** The id itself; throws `InvalidInputError` when it cannot be one. */
export function validateUserId(userId: string): string {
  const read = new FieldReader('');
  read.id('user_id', userId);
  if (read.violations.length > 0) throw new InvalidInputError(read.violations);
  return userId;
}
