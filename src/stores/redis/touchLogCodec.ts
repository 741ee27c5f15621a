import { EMPTY_TOUCH_LOG, isEmptyLog, type UserTouchLog } from '../../touch/userTouchLog.js';
import { TouchLogReader } from './touchLogReader.js';
import { TouchLogWriter } from './touchLogWriter.js';

/** The bytes of a person's log; none for an empty one. */
export function packTouchLog(userId: string, log: UserTouchLog): Uint8Array {
  const writer = new TouchLogWriter(userId);
  if (!isEmptyLog(log)) writer.log(log);
  return writer.written();
}

/** What `packTouchLog` packed for the same person; throws `UnreadableBytesError` for anything else. */
export function unpackTouchLog(userId: string, bytes: Uint8Array): UserTouchLog {
  return bytes.length === 0 ? EMPTY_TOUCH_LOG : new TouchLogReader(userId, bytes).log();
}
