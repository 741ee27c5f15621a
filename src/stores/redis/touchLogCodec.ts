import { type EpochMs, MINUTE_MS } from '../../core/time.js';
import { CHANNELS, type Channel } from '../../core/vocabulary.js';
import { ByteReader, ByteWriter, UnreadableBytesError } from '../../projection/bytes.js';
import { readId, writeId } from '../../projection/packedId.js';
import { type ConsentMark, type ConsentOutcome, LEAVE_ALONE_OUTCOMES } from '../../touch/leaveAlone.js';
import { TOUCH_REASONS } from '../../touch/touch.js';
import {
  EMPTY_TOUCH_LOG,
  isEmptyLog,
  type PermitState,
  type TouchRecord,
  type UserTouchLog,
} from '../../touch/userTouchLog.js';

/*
 * The head, the marks, then records until the end. Equal logs of a person are equal bytes.
 *
 *   head    1 byte: high half the version of the format, low half how many marks
 *   mark    1 byte: high half 0 for all channels or 1 + the channel, low half the outcome
 *           moment
 *   record  1 byte: the flags below, over the state
 *           1 byte: high half the channel, low half the reason
 *           moment of the reservation
 *           span to the expiry, unless it is that of the record before (at first FIRST_TTL_MS)
 *           span to the sending, where it was committed
 *           texts: the kind, the shop
 *           unless forgotten: texts: the campaign, the rule; ids: the request, the permit
 *   moment  the span from the moment before it in the log, at first from FIRST_MOMENT_MS
 *   span    varint of whole milliseconds, the sign in the lowest bit
 *   text    varint: 0 none, 1 a new one that follows as an id, else 2 + the place of one met before
 *   id      packedId.ts
 *
 * A touch of long ago takes 11 to 13 bytes, one that may still be asked for 20 to 40 more.
 */
const VERSION = 1;

const STATE = 0b0000_0111;
const REPEATED = 0b0000_1000;
const FORGOTTEN = 0b0001_0000;
const SAME_TTL = 0b0010_0000;
/** The permit id is one of ours, of which only the last part does not follow from user and channel. */
const OWN_PERMIT = 0b0100_0000;

const FIRST_MOMENT_MS = Date.UTC(2024, 0);
const FIRST_TTL_MS = 10 * MINUTE_MS;

// Places in the lists below (and in CHANNELS and TOUCH_REASONS) are in the bytes: they are only ever
// added to, at the end, up to 16.
const OUTCOMES: readonly ConsentOutcome[] = [...LEAVE_ALONE_OUTCOMES, 'resubscribed'];
const STATES = ['reserved', 'expired', 'released', 'committed', 'late'] as const;

const NO_TEXT = 0;
const NEW_TEXT = 1;
const FIRST_PLACE = 2;
/** Texts that every log has met: usual kinds, and the rules of the shipped policy. */
const USUAL_TEXTS: readonly string[] = [
  'routine',
  'promotion',
  'transactional',
  'content',
  'replenishment',
  'no_rule',
  'all_channels_24h',
  'shop_week',
  'night',
  'service_account_month',
  'wecom_direct_day',
  'wecom_group_day',
  'push_day',
  'moments_day',
  'sms_week',
  'email_week',
  'phone_month',
];

/** The bytes of a person's log; none for an empty one. */
export function packTouchLog(userId: string, log: UserTouchLog): Uint8Array {
  const writer = new LogWriter(userId);
  if (!isEmptyLog(log)) writer.log(log);
  return writer.written();
}

/** What `packTouchLog` packed for the same person; throws `UnreadableBytesError` for anything else. */
export function unpackTouchLog(userId: string, bytes: Uint8Array): UserTouchLog {
  return bytes.length === 0 ? EMPTY_TOUCH_LOG : new LogReader(userId, bytes).log();
}

class LogWriter {
  readonly #to = new ByteWriter();
  readonly #userId: string;
  readonly #texts = [...USUAL_TEXTS];
  #momentMs = FIRST_MOMENT_MS;
  #ttlMs = FIRST_TTL_MS;

  constructor(userId: string) {
    this.#userId = userId;
  }

  written(): Uint8Array {
    return this.#to.written();
  }

  log({ marks, records }: UserTouchLog): void {
    this.#halves(VERSION, marks.length);
    for (const mark of marks) this.#mark(mark);
    for (const record of records) this.#record(record);
  }

  #mark({ channel, outcome, atMs }: ConsentMark): void {
    this.#halves(channel === undefined ? 0 : 1 + CHANNELS.indexOf(channel), OUTCOMES.indexOf(outcome));
    this.#moment(atMs);
  }

  #record(record: TouchRecord): void {
    const { permitId, requestId, content, reservedAtMs, expiresAtMs, state, ruleId, reason, repeated } =
      record;
    const forgotten =
      permitId === '' && requestId === '' && ruleId === '' && content.campaignId === undefined;
    const ownPart = forgotten ? undefined : partOfOwnPermit(permitId, this.#userId, content.channel);
    const ttlMs = expiresAtMs - reservedAtMs;
    this.#to.uint(
      STATES.indexOf(nameOf(state)) |
        (repeated ? REPEATED : 0) |
        (forgotten ? FORGOTTEN : 0) |
        (ttlMs === this.#ttlMs ? SAME_TTL : 0) |
        (ownPart === undefined ? 0 : OWN_PERMIT),
      1,
    );
    this.#halves(CHANNELS.indexOf(content.channel), TOUCH_REASONS.indexOf(reason));
    this.#moment(reservedAtMs);
    if (ttlMs !== this.#ttlMs) this.#span(ttlMs);
    this.#ttlMs = ttlMs;
    if (state.status === 'committed') this.#span(state.sentAtMs - reservedAtMs);
    this.#text(content.campaignType);
    this.#text(content.shopId);
    if (forgotten) return;
    this.#text(content.campaignId);
    this.#text(ruleId);
    writeId(this.#to, requestId);
    writeId(this.#to, ownPart ?? permitId);
  }

  #halves(high: number, low: number): void {
    if (high < 0 || low < 0 || high > 15 || low > 15) throw new RangeError(`no place for ${high}, ${low}`);
    this.#to.uint((high << 4) | low, 1);
  }

  #moment(ms: EpochMs): void {
    this.#span(ms - this.#momentMs);
    this.#momentMs = ms;
  }

  #span(ms: number): void {
    if (!Number.isSafeInteger(2 * ms)) throw new RangeError(`not a span of whole milliseconds: ${ms}`);
    this.#to.varint(ms < 0 ? -2 * ms - 1 : 2 * ms);
  }

  #text(text: string | undefined): void {
    const place = text === undefined ? NO_TEXT : this.#placeOf(text);
    this.#to.varint(place);
    if (text === undefined || place !== NEW_TEXT) return;
    writeId(this.#to, text);
    this.#texts.push(text);
  }

  #placeOf(text: string): number {
    const place = this.#texts.indexOf(text);
    return place < 0 ? NEW_TEXT : FIRST_PLACE + place;
  }
}

class LogReader {
  readonly #from: ByteReader;
  readonly #userId: string;
  readonly #texts = [...USUAL_TEXTS];
  #momentMs = FIRST_MOMENT_MS;
  #ttlMs = FIRST_TTL_MS;

  constructor(userId: string, bytes: Uint8Array) {
    this.#from = new ByteReader(bytes);
    this.#userId = userId;
  }

  log(): UserTouchLog {
    const [version, markCount] = this.#halves();
    if (version !== VERSION) throw new UnreadableBytesError(`touch log of version ${version}`);
    const marks = Array.from({ length: markCount }, () => this.#mark());
    const records: TouchRecord[] = [];
    while (!this.#from.isAtEnd) records.push(this.#record());
    return { records, marks };
  }

  #mark(): ConsentMark {
    const [channel, outcome] = this.#halves();
    return {
      ...(channel > 0 && { channel: known(CHANNELS, channel - 1) }),
      outcome: known(OUTCOMES, outcome),
      atMs: this.#moment(),
    };
  }

  #record(): TouchRecord {
    const flags = this.#from.uint8();
    const [channelPlace, reasonPlace] = this.#halves();
    const channel = known(CHANNELS, channelPlace);
    const reservedAtMs = this.#moment();
    if ((flags & SAME_TTL) === 0) this.#ttlMs = this.#span();
    const state = this.#state(known(STATES, flags & STATE), reservedAtMs);
    const campaignType = this.#text() ?? '';
    const shopId = this.#text();
    const forgotten = (flags & FORGOTTEN) !== 0;
    const campaignId = forgotten ? undefined : this.#text();
    const ruleId = forgotten ? '' : (this.#text() ?? '');
    const requestId = forgotten ? '' : readId(this.#from);
    const permitPart = forgotten ? '' : readId(this.#from);
    return {
      permitId: (flags & OWN_PERMIT) === 0 ? permitPart : ownPermitStart(this.#userId, channel) + permitPart,
      requestId,
      content: {
        channel,
        campaignType,
        ...(shopId !== undefined && { shopId }),
        ...(campaignId !== undefined && { campaignId }),
      },
      reservedAtMs,
      expiresAtMs: reservedAtMs + this.#ttlMs,
      state,
      ruleId,
      reason: known(TOUCH_REASONS, reasonPlace),
      repeated: (flags & REPEATED) !== 0,
    };
  }

  #state(name: (typeof STATES)[number], reservedAtMs: EpochMs): PermitState {
    if (name !== 'committed' && name !== 'late') return { status: name };
    return { status: 'committed', sentAtMs: reservedAtMs + this.#span(), late: name === 'late' };
  }

  #halves(): [high: number, low: number] {
    const byte = this.#from.uint8();
    return [byte >> 4, byte & 0x0f];
  }

  #moment(): EpochMs {
    this.#momentMs += this.#span();
    return this.#momentMs;
  }

  #span(): number {
    const value = this.#from.varint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  #text(): string | undefined {
    const place = this.#from.varint();
    if (place === NO_TEXT) return undefined;
    if (place !== NEW_TEXT) return known(this.#texts, place - FIRST_PLACE);
    const text = readId(this.#from);
    this.#texts.push(text);
    return text;
  }
}

function nameOf(state: PermitState): (typeof STATES)[number] {
  return state.status === 'committed' && state.late ? 'late' : state.status;
}

/** What `newPermitId` puts before the part that is random. */
function ownPermitStart(userId: string, channel: Channel): string {
  return `${channel}.${Buffer.from(userId).toString('base64url')}.`;
}

function partOfOwnPermit(permitId: string, userId: string, channel: Channel): string | undefined {
  const start = ownPermitStart(userId, channel);
  return permitId.startsWith(start) ? permitId.slice(start.length) : undefined;
}

function known<Value>(list: readonly Value[], place: number): Value {
  const value = list[place];
  if (value === undefined) throw new UnreadableBytesError(`nothing is known by the number ${place}`);
  return value;
}
