import { type EpochMs, MINUTE_MS } from '../../core/time.js';
import { CHANNELS, type Channel } from '../../core/vocabulary.js';
import { ByteReader, ByteWriter, UnreadableBytesError } from '../../projection/bytes.js';
import { readId, writeId } from '../../projection/packedId.js';
import { type ConsentMark, type ConsentOutcome, LEAVE_ALONE_OUTCOMES } from '../../touch/leaveAlone.js';
import { TOUCH_REASONS, type TouchReason } from '../../touch/touch.js';
import {
  EMPTY_TOUCH_LOG,
  isEmptyLog,
  type PermitState,
  type TouchRecord,
  type UserTouchLog,
} from '../../touch/userTouchLog.js';
import { readIdAfter, writeIdAfter } from './idAfter.js';
import { ownPermit, uuidOfOwnPermit } from './ownPermit.js';

/*
 * The head, the marks, then records until the end. Equal logs of a person are equal bytes.
 *
 *   head    1 byte: high half the version of the format, low half how many marks
 *   mark    1 byte: high half 0 for all channels or 1 + the channel, low half the outcome
 *           moment
 *   record  shape
 *           moment of the reservation
 *           span to the expiry, unless it is that of the record before (at first FIRST_TTL_MS)
 *           span to the sending, where it was committed
 *           unless forgotten: text of the campaign, text of the rule, id of the request, permit
 *   shape   varint: 0 a new one that follows, else 1 + the place of one met before
 *           1 byte: the flags below, over the state
 *           1 byte: high half the channel, low half the reason
 *           text of the kind, text of the shop
 *   moment  the first: its span from FIRST_MOMENT_MS
 *           others: 4 bytes of milliseconds since the moment before, or FAR and then that span
 *   span    varint of whole milliseconds, the sign in the lowest bit
 *   text    varint: 0 none, 1 a new one that follows as an id, else 2 + the place of one met before
 *   id      where there was one before (of texts, or of requests): a varint, how many characters of
 *           that one it begins with
 *           the rest by packedId.ts
 *   permit  one of ours: the 16 bytes of its UUID; any other by packedId.ts
 *
 * A touch of long ago takes 8 to 12 bytes, one that may still be asked for 20 to 45 more.
 */
const VERSION = 1;

const STATE = 0b0000_0111;
const REPEATED = 0b0000_1000;
const FORGOTTEN = 0b0001_0000;
const SAME_TTL = 0b0010_0000;
/** The permit id is one of ours: all but its UUID follows from user and channel. */
const OWN_PERMIT = 0b0100_0000;

/** 49 days; a moment that lies further from the one before, or before it, is written as a span. */
const FAR = 0xffff_ffff;
const FIRST_MOMENT_MS = Date.UTC(2024, 0);
const FIRST_TTL_MS = 10 * MINUTE_MS;

// Places in the lists below (and in CHANNELS and TOUCH_REASONS) are in the bytes: they are only ever
// added to, at the end, up to 16.
const OUTCOMES: readonly ConsentOutcome[] = ['resubscribed', ...LEAVE_ALONE_OUTCOMES];
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
  readonly #shapes: string[] = [];
  #momentMs: EpochMs | undefined;
  #ttlMs = FIRST_TTL_MS;
  #requestId: string | undefined;
  #newText: string | undefined;

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
    const { permitId, requestId, content, reservedAtMs, expiresAtMs, state, ruleId, repeated } = record;
    const ttlMs = expiresAtMs - reservedAtMs;
    const isSameTtl = ttlMs === this.#ttlMs;
    const forgotten = isForgotten(record);
    const uuid = forgotten
      ? undefined
      : uuidOfOwnPermit(permitId, { userId: this.#userId, channel: content.channel });
    this.#shape(
      STATES.indexOf(nameOf(state)) |
        (repeated ? REPEATED : 0) |
        (forgotten ? FORGOTTEN : 0) |
        (isSameTtl ? SAME_TTL : 0) |
        (uuid === undefined ? 0 : OWN_PERMIT),
      record,
    );
    this.#moment(reservedAtMs);
    if (!isSameTtl) this.#span(ttlMs);
    this.#ttlMs = ttlMs;
    if (state.status === 'committed') this.#span(state.sentAtMs - reservedAtMs);
    if (forgotten) return;
    this.#text(content.campaignId);
    this.#text(ruleId);
    writeIdAfter(this.#to, this.#requestId, requestId);
    this.#requestId = requestId;
    if (uuid === undefined) writeId(this.#to, permitId);
    else this.#to.bytes(uuid);
  }

  #shape(flags: number, { content, reason }: TouchRecord): void {
    const { channel, campaignType, shopId } = content;
    const shape = JSON.stringify([flags, channel, reason, campaignType, shopId]);
    const place = this.#shapes.indexOf(shape);
    this.#to.varint(place + 1);
    if (place >= 0) return;
    this.#shapes.push(shape);
    this.#to.uint(flags, 1);
    this.#halves(CHANNELS.indexOf(channel), TOUCH_REASONS.indexOf(reason));
    this.#text(campaignType);
    this.#text(shopId);
  }

  #halves(high: number, low: number): void {
    if (high < 0 || low < 0 || high > 15 || low > 15) throw new RangeError(`no place for ${high}, ${low}`);
    this.#to.uint((high << 4) | low, 1);
  }

  #moment(ms: EpochMs): void {
    const sinceMs = ms - (this.#momentMs ?? FIRST_MOMENT_MS);
    const isFar = this.#momentMs === undefined || sinceMs < 0 || sinceMs >= FAR;
    if (this.#momentMs !== undefined) this.#to.uint(isFar ? FAR : sinceMs, 4);
    if (isFar) this.#span(sinceMs);
    this.#momentMs = ms;
  }

  #span(ms: number): void {
    if (!Number.isInteger(ms) || !Number.isSafeInteger(2 * ms)) {
      throw new RangeError(`not a span of whole milliseconds: ${ms}`);
    }
    this.#to.varint(ms < 0 ? -2 * ms - 1 : 2 * ms);
  }

  #text(text: string | undefined): void {
    const place = text === undefined ? NO_TEXT : this.#placeOf(text);
    this.#to.varint(place);
    if (text === undefined || place !== NEW_TEXT) return;
    writeIdAfter(this.#to, this.#newText, text);
    this.#newText = text;
    this.#texts.push(text);
  }

  #placeOf(text: string): number {
    const place = this.#texts.indexOf(text);
    return place < 0 ? NEW_TEXT : FIRST_PLACE + place;
  }
}

interface Shape {
  readonly flags: number;
  readonly channel: Channel;
  readonly reason: TouchReason;
  readonly campaignType: string;
  readonly shopId: string | undefined;
}

class LogReader {
  readonly #from: ByteReader;
  readonly #userId: string;
  readonly #texts = [...USUAL_TEXTS];
  readonly #shapes: Shape[] = [];
  #momentMs: EpochMs | undefined;
  #ttlMs = FIRST_TTL_MS;
  #requestId: string | undefined;
  #newText: string | undefined;

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
    const { flags, channel, reason, campaignType, shopId } = this.#shape();
    const reservedAtMs = this.#moment();
    if ((flags & SAME_TTL) === 0) this.#ttlMs = this.#span();
    const state = this.#state(known(STATES, flags & STATE), reservedAtMs);
    const expiresAtMs = reservedAtMs + this.#ttlMs;
    const forgotten = (flags & FORGOTTEN) !== 0;
    const campaignId = forgotten ? undefined : this.#text();
    return {
      content: {
        channel,
        campaignType,
        ...(shopId !== undefined && { shopId }),
        ...(campaignId !== undefined && { campaignId }),
      },
      reservedAtMs,
      expiresAtMs,
      state,
      reason,
      repeated: (flags & REPEATED) !== 0,
      ...(forgotten ? FORGOTTEN_IDS : this.#ids(flags, channel)),
    };
  }

  #ids(flags: number, channel: Channel): Pick<TouchRecord, 'ruleId' | 'requestId' | 'permitId'> {
    const ruleId = this.#text() ?? '';
    const requestId = readIdAfter(this.#from, this.#requestId);
    this.#requestId = requestId;
    const permitId =
      (flags & OWN_PERMIT) === 0
        ? readId(this.#from)
        : ownPermit({ userId: this.#userId, channel }, this.#from.hex(16));
    return { ruleId, requestId, permitId };
  }

  #shape(): Shape {
    const place = this.#from.varint();
    if (place > 0) return known(this.#shapes, place - 1);
    const flags = this.#from.uint8();
    const [channel, reason] = this.#halves();
    const shape = {
      flags,
      channel: known(CHANNELS, channel),
      reason: known(TOUCH_REASONS, reason),
      campaignType: this.#text() ?? '',
      shopId: this.#text(),
    };
    this.#shapes.push(shape);
    return shape;
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
    const beforeMs = this.#momentMs;
    const sinceMs = beforeMs === undefined ? FAR : this.#from.uint(4);
    const momentMs = (beforeMs ?? FIRST_MOMENT_MS) + (sinceMs === FAR ? this.#span() : sinceMs);
    this.#momentMs = momentMs;
    return momentMs;
  }

  #span(): number {
    const value = this.#from.varint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  #text(): string | undefined {
    const place = this.#from.varint();
    if (place === NO_TEXT) return undefined;
    if (place !== NEW_TEXT) return known(this.#texts, place - FIRST_PLACE);
    const text = readIdAfter(this.#from, this.#newText);
    this.#newText = text;
    this.#texts.push(text);
    return text;
  }
}

function nameOf(state: PermitState): (typeof STATES)[number] {
  return state.status === 'committed' && state.late ? 'late' : state.status;
}

const FORGOTTEN_IDS = { ruleId: '', requestId: '', permitId: '' };

function isForgotten({ permitId, requestId, ruleId, content }: TouchRecord): boolean {
  return permitId === '' && requestId === '' && ruleId === '' && content.campaignId === undefined;
}

function known<Value>(list: readonly Value[], place: number): Value {
  const value = list[place];
  if (value === undefined) throw new UnreadableBytesError(`nothing is known by the number ${place}`);
  return value;
}
