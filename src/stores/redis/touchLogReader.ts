import type { EpochMs } from '../../core/time.js';
import { CHANNELS, type Channel } from '../../core/vocabulary.js';
import { ByteReader, UnreadableBytesError } from '../../projection/bytes.js';
import { readId } from '../../projection/packedId.js';
import type { ConsentMark } from '../../touch/leaveAlone.js';
import { TOUCH_REASONS, type TouchReason } from '../../touch/touch.js';
import { TOUCH_FAILURES, type TouchFailure } from '../../touch/touchFailure.js';
import type { TouchHome } from '../../touch/touchHome.js';
import type { PermitState, TouchRecord, UserTouchLog } from '../../touch/userTouchLog.js';
import { readIdAfter } from './idAfter.js';
import { readLearned } from './learnedCodec.js';
import { ownPermit } from './ownPermit.js';
import {
  FAR,
  FIRST_DENSE_PLACE,
  FIRST_FAILURE,
  FIRST_MOMENT_MS,
  FIRST_PLACE,
  FIRST_TTL_MS,
  FORGOTTEN,
  HAS_HOMES,
  HAS_LEARNED,
  HOME_IS_OWNER,
  HOME_IS_USER,
  IN_LEDGER,
  LIKE_ANOTHER,
  MARKS,
  MEMBER_PERMIT,
  NEW_TEXT,
  NO_TEXT,
  OUTCOMES,
  OWN_PERMIT,
  REPEATED,
  SAME_TTL,
  STATE,
  STATES,
  type StateName,
  USUAL_TEXTS,
  VERSION,
  VERSION_BITS,
  VERSION_WITH_FAILURE,
  VERSION_WITH_PRIORITY,
} from './touchLogFormat.js';

interface Shape {
  readonly flags: number;
  readonly channel: Channel;
  readonly reason: TouchReason;
  readonly campaignType: string;
  readonly shopId: string | undefined;
  readonly priority: number | undefined;
  readonly failed: TouchFailure | undefined;
}

/** Reads one log in the format of `touchLogFormat.ts`; throws `UnreadableBytesError` for anything else. */
export class TouchLogReader {
  readonly #from: ByteReader;
  readonly #userId: string;
  readonly #texts = [...USUAL_TEXTS];
  readonly #shapes: Shape[] = [];
  #members: readonly string[] = [];
  #momentMs: EpochMs | undefined;
  #ttlMs = FIRST_TTL_MS;
  #requestId: string | undefined;
  #newText: string | undefined;
  #isDense = false;
  /** Of a dense record, as its shape had it. */
  #sendingZigzag = 0;

  constructor(userId: string, bytes: Uint8Array) {
    this.#from = new ByteReader(bytes);
    this.#userId = userId;
  }

  log(): UserTouchLog {
    const head = this.#from.uint8();
    const version = (head & VERSION_BITS) >> 5;
    if (version !== VERSION && version !== VERSION_WITH_PRIORITY && version !== VERSION_WITH_FAILURE) {
      throw new UnreadableBytesError(`touch log of version ${version}`);
    }
    this.#isDense = (head & HAS_LEARNED) !== 0;
    const learned = this.#isDense ? readLearned(this.#from) : undefined;
    const homes = (head & HAS_HOMES) === 0 ? undefined : this.#homes();
    const marks = Array.from({ length: head & MARKS }, () => this.#mark());
    const records: TouchRecord[] = [];
    while (!this.#from.isAtEnd) records.push(this.#record());
    return {
      records,
      marks,
      ...(homes !== undefined && { homes }),
      ...(learned !== undefined && { learned }),
    };
  }

  #homes(): TouchHome[] {
    const homes: TouchHome[] = [];
    let before: string | undefined;
    for (let count = this.#from.varint(); count > 0; count -= 1) {
      const userId = readIdAfter(this.#from, before);
      before = userId;
      const flags = this.#from.uint8();
      const homeId =
        flags & HOME_IS_OWNER ? this.#userId : flags & HOME_IS_USER ? userId : readId(this.#from);
      homes.push({ userId, homeId, seq: this.#from.varint(), inLedger: (flags & IN_LEDGER) !== 0 });
    }
    this.#members = homes.map(({ userId }) => userId);
    return homes;
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
    const { flags, channel, reason, campaignType, shopId, priority, failed } = this.#shape();
    const reservedAtMs = this.#moment();
    if ((flags & SAME_TTL) === 0) this.#ttlMs = this.#span();
    const state = this.#state(known(STATES, flags & STATE), reservedAtMs);
    const expiresAtMs = reservedAtMs + this.#ttlMs;
    const forgotten = (flags & FORGOTTEN) !== 0;
    const campaignId = forgotten ? undefined : this.#text();
    const ids = forgotten ? FORGOTTEN_IDS : this.#ids(flags, channel);
    const isTaken = state.status === 'taken' && !forgotten;
    return {
      content: {
        channel,
        campaignType,
        ...(shopId !== undefined && { shopId }),
        ...(campaignId !== undefined && { campaignId }),
        ...(priority !== undefined && { priority }),
      },
      reservedAtMs,
      expiresAtMs,
      state: isTaken ? { ...state, takenBy: readIdAfter(this.#from, ids.permitId) } : state,
      reason,
      repeated: (flags & REPEATED) !== 0,
      ...(failed !== undefined && { failed }),
      ...ids,
    };
  }

  #ids(flags: number, channel: Channel): Pick<TouchRecord, 'ruleId' | 'requestId' | 'permitId'> {
    const ruleId = this.#text() ?? '';
    const requestId = readIdAfter(this.#from, this.#requestId);
    this.#requestId = requestId;
    if ((flags & (OWN_PERMIT | MEMBER_PERMIT)) === 0) {
      return { ruleId, requestId, permitId: readId(this.#from) };
    }
    const userId = flags & OWN_PERMIT ? this.#userId : known(this.#members, this.#from.varint());
    const permitId = ownPermit({ userId, channel }, this.#from.hex(16));
    return { ruleId, requestId, permitId };
  }

  #shape(): Shape {
    const number = this.#from.varint();
    if (!this.#isDense) return number > 0 ? known(this.#shapes, number - 1) : this.#newShape();
    const places = this.#shapes.length + FIRST_DENSE_PLACE;
    const place = number % places;
    this.#sendingZigzag = (number - place) / places;
    if (place >= FIRST_DENSE_PLACE) return known(this.#shapes, place - FIRST_DENSE_PLACE);
    return place === LIKE_ANOTHER ? this.#likeAnother() : this.#newShape();
  }

  #likeAnother(): Shape {
    const flags = this.#from.uint8();
    const shape = { ...known(this.#shapes, this.#from.varint()), flags };
    this.#shapes.push(shape);
    return shape;
  }

  #newShape(): Shape {
    const flags = this.#from.uint8();
    const [channel, reason] = this.#halves();
    let [priority, failed]: [number?, TouchFailure?] = [];
    let kind = this.#text();
    for (; kind === undefined; kind = this.#text()) {
      const more = this.#from.uint8();
      if (more >= FIRST_FAILURE) failed = known(TOUCH_FAILURES, more - FIRST_FAILURE);
      else priority = more;
    }
    const shape = {
      flags,
      channel: known(CHANNELS, channel),
      reason: known(TOUCH_REASONS, reason),
      priority,
      failed,
      campaignType: kind,
      shopId: this.#text(),
    };
    this.#shapes.push(shape);
    return shape;
  }

  #state(name: StateName, reservedAtMs: EpochMs): PermitState {
    switch (name) {
      case 'reserved':
      case 'expired':
      case 'released':
        return { status: name };
      case 'taken':
        return { status: name, takenBy: '' };
      case 'committed':
      case 'late':
        return { status: 'committed', sentAtMs: reservedAtMs + this.#sendingSpan(), late: name === 'late' };
      case 'committed_taken':
      case 'late_taken': {
        const late = name === 'late_taken';
        return { status: 'committed', sentAtMs: reservedAtMs + this.#sendingSpan(), late, taken: true };
      }
    }
  }

  #sendingSpan(): number {
    if (!this.#isDense || this.#sendingZigzag === FAR) return this.#span();
    return fromZigzag(this.#sendingZigzag);
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
    return fromZigzag(this.#from.varint());
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

function fromZigzag(value: number): number {
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
}

const FORGOTTEN_IDS = { ruleId: '', requestId: '', permitId: '' };

function known<Value>(list: readonly Value[], place: number): Value {
  const value = list[place];
  if (value === undefined) throw new UnreadableBytesError(`nothing is known by the number ${place}`);
  return value;
}
