import type { BehaviourToLog, LoggedBehaviour } from '../behaviour/behaviour.js';
import { type EpochMs, SECOND_MS } from '../core/time.js';
import { ByteReader, ByteWriter, UnreadableBytesError } from './bytes.js';
import {
  behaviourOf,
  HEADS,
  type PackedFields,
  packContent,
  readFields,
  type ShopOf,
} from './packedRecord.js';

export { quantisePercentile, type ShopOf } from './packedRecord.js';

/*
 * A person's behaviours in the order in which they were logged. People do one thing soon after
 * another, and buy a basket at once, so a behaviour keeps its time as the distance from the one before.
 *
 *   CHUNK        one byte that no behaviour begins with
 *   last, first  seconds since 1990 of the last and of the first behaviour, 4 bytes each
 *   then behaviour after behaviour:
 *   head         the first byte of its content (`packedRecord.ts`), and its kind of time on top
 *   [distance]   in seconds from the one before, a signed varint; not of the first, not SAME_TIME
 *   [millis]     WITH_MILLIS: 2 bytes
 *   the rest of its content
 *
 * Chunks one after another are a history as well, so histories may be joined by laying them end to
 * end. Whoever keeps them makes one chunk of them: `joinHistories`, or `appendHistories-3.lua`, which
 * knows of the format nothing but the first ten bytes.
 *
 * So a browse of `p352849` a minute after another takes six bytes, seven with its price, and five of
 * it in one basket with another.
 */
const CHUNK = 0x1f;
const IS_CHUNK = 0x0f;
const YEAR_1990_S = Date.UTC(1990, 0, 1) / SECOND_MS;
/** Seconds are kept in 32 bits: until 2126. */
const SECONDS_END = 2 ** 32;

/** Kinds of time, as they stand in a head. */
const SAME_TIME = 0;
const WHOLE_SECONDS = 1;
const WITH_MILLIS = 2;

const CUT_OFF = 'a history that was cut off';

/** One behaviour of a history, apart from the person. */
export interface PackedRecord {
  readonly occurredAtMs: EpochMs;
  /** All that is packed of it but its time, each byte as the character of the same number. */
  readonly content: string;
}

/** One behaviour as a history. */
export function packBehaviour(behaviour: BehaviourToLog, shopOf: ShopOf): Uint8Array {
  return packHistory([behaviour], shopOf);
}

/** Behaviours as a history, in the order given. */
export function packHistory(behaviours: readonly BehaviourToLog[], shopOf: ShopOf): Uint8Array {
  return packRecords(
    behaviours.map((logged) => ({
      occurredAtMs: logged.behaviour.occurredAtMs,
      content: packContent(logged, shopOf),
    })),
  );
}

/** Records as a history of one chunk; nothing for none. */
export function packRecords(records: readonly PackedRecord[]): Uint8Array {
  const to = new ByteWriter();
  const [first, last] = [records[0], records.at(-1)];
  if (first === undefined || last === undefined) return to.written();
  to.uint(CHUNK, 1);
  to.uint(secondOf(last), 4);
  to.uint(secondOf(first), 4);
  let before: PackedRecord | undefined;
  for (const record of records) {
    writeRecord(to, record, before);
    before = record;
  }
  return to.written();
}

function writeRecord(to: ByteWriter, record: PackedRecord, before: PackedRecord | undefined): void {
  const { occurredAtMs, content } = record;
  const millis = millisOf(occurredAtMs);
  const isSame = occurredAtMs === before?.occurredAtMs;
  const kind = isSame ? SAME_TIME : millis === 0 ? WHOLE_SECONDS : WITH_MILLIS;
  to.uint(content.charCodeAt(0) + ((kind * HEADS) << 4), 1);
  if (before !== undefined && !isSame) to.signedVarint(secondOf(record) - secondOf(before));
  if (kind === WITH_MILLIS) to.uint(millis, 2);
  to.latin1(content.slice(1));
}

function secondOf({ occurredAtMs }: PackedRecord): number {
  const second = Math.floor(occurredAtMs / SECOND_MS) - YEAR_1990_S;
  if (!(second >= 0 && second < SECONDS_END)) {
    throw new RangeError(`a time of ${occurredAtMs} ms cannot be packed`);
  }
  return second;
}

/** Of a time after 1990, which `secondOf` sees to. */
function millisOf(ms: EpochMs): number {
  return ms % SECOND_MS;
}

/** Histories end to end as one chunk, which takes the fewest bytes. */
export function joinHistories(...histories: readonly Uint8Array[]): Uint8Array {
  return packRecords(histories.flatMap(recordsOf));
}

/**
 * The records of a history in the order in which they were packed. Throws `UnreadableBytesError` when
 * the bytes are cut, damaged, or of a later format.
 */
export function recordsOf(history: Uint8Array): PackedRecord[] {
  const records: PackedRecord[] = [];
  for (const { occurredAtMs, content } of read(history)) records.push({ occurredAtMs, content });
  return records;
}

/**
 * The behaviours of a history in the order in which they were packed; throws as `recordsOf`.
 *
 * The event id is the content. Counting breaks ties of time by event id; so among equal times content
 * decides, and behaviours that still tie are equal in everything that a vector is made of: whichever
 * of them counts, the vector is the same.
 */
export function unpackHistory(
  history: Uint8Array,
  { userId, shopOf }: { userId: string; shopOf: ShopOf },
): LoggedBehaviour[] {
  const behaviours: LoggedBehaviour[] = [];
  for (const { fields, occurredAtMs, content } of read(history)) {
    behaviours.push(behaviourOf(fields, { userId, shopOf, eventId: content, occurredAtMs }));
  }
  return behaviours;
}

function* read(history: Uint8Array): Generator<PackedRecord & { fields: PackedFields }> {
  const from = new ByteReader(history);
  let last: number | undefined;
  let second = 0;
  let millis = 0;
  while (!from.isAtEnd) {
    let head = from.uint8();
    const begins = (head & IS_CHUNK) === IS_CHUNK;
    if (begins) {
      if (head !== CHUNK) throw new UnreadableBytesError(`a history of a later format: ${head}`);
      if (last !== undefined && second !== last) throw new UnreadableBytesError(CUT_OFF);
      last = from.uint(4);
      second = from.uint(4);
      head = from.uint8();
    } else if (last === undefined) throw new UnreadableBytesError('a history without a beginning');
    const kind = Math.floor((head >> 4) / HEADS);
    if (kind > WITH_MILLIS || (begins && kind === SAME_TIME)) {
      throw new UnreadableBytesError(`a time of a later format: ${head}`);
    }
    if (kind !== SAME_TIME) {
      if (!begins) second += from.signedVarint();
      millis = kind === WITH_MILLIS ? from.uint(2) : 0;
    }
    const ownHead = head - ((kind * HEADS) << 4);
    const behindTime = from.at;
    const fields = readFields(from, ownHead);
    yield {
      fields,
      occurredAtMs: (YEAR_1990_S + second) * SECOND_MS + millis,
      content: String.fromCharCode(ownHead) + from.latin1Since(behindTime),
    };
  }
  if (last !== undefined && second !== last) throw new UnreadableBytesError(CUT_OFF);
}
