import type { BehaviourToLog, LoggedBehaviour } from '../behaviour/behaviour.js';
import { type EpochMs, SECOND_MS } from '../core/time.js';
import { ByteReader, ByteWriter, UnreadableBytesError } from './bytes.js';
import { behaviourOf, type PackedFields, packContent, readFields, type ShopOf } from './packedRecord.js';

export { quantisePercentile, type ShopOf } from './packedRecord.js';

/*
 * A person's behaviours in the order in which they were logged. People do one thing soon after
 * another, so a behaviour keeps its second as the distance from the one before it.
 *
 *   CHUNK        one byte that no behaviour begins with
 *   last, first  seconds since 1990 of the last and of the first behaviour, 4 bytes each
 *   content      of the first behaviour (`packedRecord.ts`)
 *   then for each further behaviour its content, and behind the content's first byte
 *   distance     in seconds from the one before, a signed varint
 *
 * Chunks one after another are a history as well, so histories may be joined by laying them end to
 * end. Whoever keeps them makes one chunk of them: `joinHistories`, or `appendHistories-3.lua`, which
 * knows of the format nothing but the first eleven bytes.
 *
 * So a browse of `p352849` a minute after another takes six bytes, seven with its price.
 */
const CHUNK = 0x1f;
const IS_CHUNK = 0x0f;
const YEAR_1990_S = Date.UTC(1990, 0, 1) / SECOND_MS;
/** Seconds are kept in 32 bits: until 2126. */
const SECONDS_END = 2 ** 32;

/** One behaviour of a history, apart from the person. */
export interface PackedRecord {
  readonly occurredAtMs: EpochMs;
  /** All that is packed of it but its second, each byte as the character of the same number. */
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
  to.latin1(first.content);
  let before = secondOf(first);
  for (const record of records.slice(1)) {
    const second = secondOf(record);
    to.latin1(record.content.charAt(0));
    to.signedVarint(second - before);
    to.latin1(record.content.slice(1));
    before = second;
  }
  return to.written();
}

function secondOf({ occurredAtMs }: PackedRecord): number {
  const second = Math.floor(occurredAtMs / SECOND_MS) - YEAR_1990_S;
  if (!(second >= 0 && second < SECONDS_END)) {
    throw new RangeError(`a time of ${occurredAtMs} ms cannot be packed`);
  }
  return second;
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
  let begun = false;
  let last = 0;
  let second = 0;
  while (!from.isAtEnd) {
    let head = from.uint8();
    if ((head & IS_CHUNK) === IS_CHUNK) {
      if (head !== CHUNK) throw new UnreadableBytesError(`a history of a later format: ${head}`);
      refuseCut(second, last);
      last = from.uint(4);
      second = from.uint(4);
      head = from.uint8();
      begun = true;
    } else if (begun) second += from.signedVarint();
    else throw new UnreadableBytesError('a history without a beginning');
    const behindHead = from.at;
    const fields = readFields(from, head);
    yield {
      fields,
      occurredAtMs: (YEAR_1990_S + second) * SECOND_MS + fields.millis,
      content: String.fromCharCode(head) + from.latin1Since(behindHead),
    };
  }
  refuseCut(second, last);
}

function refuseCut(second: number, last: number): void {
  if (second !== last) throw new UnreadableBytesError('a history that was cut off');
}
