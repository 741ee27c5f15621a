import { setTimeout as sleep } from 'node:timers/promises';
import { UnavailableError } from '../../core/errors.js';
import type { UserTouchLog } from '../../touch/userTouchLog.js';
import type { PackedLog } from './packedTouchLogs.js';
import { unpackTouchLog } from './touchLogCodec.js';

/** Each lost race is another's success, so as many calls at once for one person still all get through. */
export const MAX_ATTEMPTS = 64;
/** The longest of the random pauses after a lost race, in which the others get past each other. */
const MAX_PAUSE_MS = 16;

export function pauseAfter(attempt: number): Promise<void> {
  return sleep(Math.random() * Math.min(2 ** attempt, MAX_PAUSE_MS));
}

/** The log that was read; throws `UnavailableError` for bytes that are none. */
export function unpackedLog(userId: string, bytes: PackedLog): UserTouchLog {
  try {
    return unpackTouchLog(userId, bytes);
  } catch (cause) {
    throw new UnavailableError('redis: a touch log cannot be read', { cause });
  }
}

export function isSameLog(a: PackedLog, b: PackedLog): boolean {
  return a === b || Buffer.compare(a, b) === 0;
}
