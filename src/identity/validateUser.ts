import { asRecord, type Checked, FieldReader } from '../core/fieldReader.js';
import type { User } from './user.js';

/** UTF-8 bytes of one trait (gender, age band, region). */
export const MAX_TRAIT_BYTES = 128;
const MAX_TIMEZONE_BYTES = 64;

/** A user as a caller or a file gave it; undefined, null and the empty text mean absent. */
export interface RawUser {
  readonly userId?: string | null;
  readonly gender?: string | null;
  readonly ageBand?: string | null;
  readonly region?: string | null;
  readonly timezone?: string | null;
  readonly attributes?: Readonly<Record<string, string | number>> | null;
}

/** Checks and normalises one user. `field` is its path in the request, e.g. `users[3]`. */
export function validateUser(raw: RawUser, field: string): Checked<User> {
  const record = asRecord(raw);
  const read = new FieldReader(field);
  const userId = read.id('user_id', record.userId);
  const gender = read.optionalText('gender', record.gender, MAX_TRAIT_BYTES);
  const ageBand = read.optionalText('age_band', record.ageBand, MAX_TRAIT_BYTES);
  const region = read.optionalText('region', record.region, MAX_TRAIT_BYTES);
  const timezone = read.optionalText('timezone', record.timezone, MAX_TIMEZONE_BYTES);
  if (timezone !== undefined && !isTimezone(timezone)) {
    read.violate('timezone', 'must be an IANA time zone such as Asia/Shanghai');
  }
  const attributes = read.attributes('attributes', record.attributes);
  return read.checked(() => ({
    userId,
    ...(gender !== undefined && { gender }),
    ...(ageBand !== undefined && { ageBand }),
    ...(region !== undefined && { region }),
    ...(timezone !== undefined && { timezone }),
    attributes,
  }));
}

/** Whether the machine's time zone data knows this IANA name (aliases too, offsets such as +08:00 not). */
export function isTimezone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
