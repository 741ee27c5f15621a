import type { EpochMs } from '../../core/time.js';
import { CHANNELS, type Channel } from '../../core/vocabulary.js';
import { ByteWriter } from '../../projection/bytes.js';
import { writeId } from '../../projection/packedId.js';
import type { ConsentMark } from '../../touch/leaveAlone.js';
import { TOUCH_REASONS } from '../../touch/touch.js';
import { TOUCH_FAILURES } from '../../touch/touchFailure.js';
import type { TouchHome } from '../../touch/touchHome.js';
import type { PermitState, TouchRecord, UserTouchLog } from '../../touch/userTouchLog.js';
import { writeIdAfter } from './idAfter.js';
import { writeLearned } from './learnedCodec.js';
import { uuidOfOwnPermit } from './ownPermit.js';
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
  STATES,
  type StateName,
  USUAL_TEXTS,
  VERSION,
  VERSION_WITH_FAILURE,
  VERSION_WITH_PRIORITY,
} from './touchLogFormat.js';

/** Writes one log, in the format of `touchLogFormat.ts`. */
export class TouchLogWriter {
  readonly #to = new ByteWriter();
  readonly #userId: string;
  readonly #texts = [...USUAL_TEXTS];
  readonly #shapes: { readonly flags: number; readonly kind: string }[] = [];
  #members: readonly string[] = [];
  #momentMs: EpochMs | undefined;
  #ttlMs = FIRST_TTL_MS;
  #requestId: string | undefined;
  #newText: string | undefined;
  #isDense = false;

  constructor(userId: string) {
    this.#userId = userId;
  }

  written(): Uint8Array {
    return this.#to.written();
  }

  log({ homes, marks, records, learned }: UserTouchLog): void {
    if (marks.length > MARKS) throw new RangeError(`no place for ${marks.length} marks`);
    const version = versionOf(records);
    const parts = (learned === undefined ? 0 : HAS_LEARNED) | (homes === undefined ? 0 : HAS_HOMES);
    this.#to.uint((version << 5) | parts | marks.length, 1);
    if (learned !== undefined) writeLearned(this.#to, learned);
    this.#isDense = learned !== undefined;
    if (homes !== undefined) this.#writeHomes(homes);
    for (const mark of marks) this.#mark(mark);
    for (const record of records) this.#record(record);
  }

  #writeHomes(homes: readonly TouchHome[]): void {
    this.#members = homes.map(({ userId }) => userId);
    this.#to.varint(homes.length);
    let before: string | undefined;
    for (const { userId, homeId, seq, inLedger } of homes) {
      writeIdAfter(this.#to, before, userId);
      before = userId;
      const home = homeId === this.#userId ? HOME_IS_OWNER : homeId === userId ? HOME_IS_USER : 0;
      this.#to.uint((inLedger ? IN_LEDGER : 0) | home, 1);
      if (home === 0) writeId(this.#to, homeId);
      this.#to.varint(seq);
    }
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
    const own = forgotten ? undefined : this.#ownPermit(permitId, content.channel);
    const sendingMs = state.status === 'committed' ? state.sentAtMs - reservedAtMs : undefined;
    const flags =
      STATES.indexOf(nameOf(state)) |
      (repeated ? REPEATED : 0) |
      (forgotten ? FORGOTTEN : 0) |
      (isSameTtl ? SAME_TTL : 0) |
      (own === undefined ? 0 : own.member === undefined ? OWN_PERMIT : MEMBER_PERMIT);
    const sendingZigzag = Math.min(FAR, zigzag(sendingMs ?? 0));
    this.#shape(flags, record, sendingZigzag);
    this.#moment(reservedAtMs);
    if (!isSameTtl) this.#span(ttlMs);
    this.#ttlMs = ttlMs;
    if (sendingMs !== undefined && (!this.#isDense || sendingZigzag === FAR)) this.#span(sendingMs);
    if (forgotten) return;
    this.#text(content.campaignId);
    this.#text(ruleId);
    writeIdAfter(this.#to, this.#requestId, requestId);
    this.#requestId = requestId;
    if (own?.member !== undefined) this.#to.varint(own.member);
    if (own === undefined) writeId(this.#to, permitId);
    else this.#to.bytes(own.uuid);
    if (state.status === 'taken') writeIdAfter(this.#to, permitId, state.takenBy);
  }

  /** What is left to write of a permit id of ours: the place of its user, if not the owner, and the rest. */
  #ownPermit(permitId: string, channel: Channel): { member?: number; uuid: Uint8Array } | undefined {
    const uuid = uuidOfOwnPermit(permitId, { userId: this.#userId, channel });
    if (uuid !== undefined) return { uuid };
    for (const [member, userId] of this.#members.entries()) {
      const uuid = uuidOfOwnPermit(permitId, { userId, channel });
      if (uuid !== undefined) return { member, uuid };
    }
    return undefined;
  }

  #shape(flags: number, { content, reason, failed }: TouchRecord, sendingZigzag: number): void {
    const { channel, campaignType, shopId, priority } = content;
    const kind = JSON.stringify([channel, reason, campaignType, shopId, priority, failed]);
    const place = this.#shapes.findIndex((shape) => shape.flags === flags && shape.kind === kind);
    const alike = this.#shapes.findIndex((shape) => shape.kind === kind);
    if (this.#isDense) {
      const places = this.#shapes.length + FIRST_DENSE_PLACE;
      const densePlace = place >= 0 ? FIRST_DENSE_PLACE + place : alike >= 0 ? LIKE_ANOTHER : 0;
      this.#to.varint(densePlace + places * sendingZigzag);
    } else this.#to.varint(place + 1);
    if (place >= 0) return;
    this.#shapes.push({ flags, kind });
    this.#to.uint(flags, 1);
    if (this.#isDense && alike >= 0) {
      this.#to.varint(alike);
      return;
    }
    this.#halves(CHANNELS.indexOf(channel), TOUCH_REASONS.indexOf(reason));
    if (priority !== undefined) {
      this.#text(undefined);
      this.#to.uint(priority, 1);
    }
    if (failed !== undefined) {
      this.#text(undefined);
      this.#to.uint(FIRST_FAILURE + TOUCH_FAILURES.indexOf(failed), 1);
    }
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
    this.#to.varint(zigzag(ms));
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

function zigzag(ms: number): number {
  return ms < 0 ? -2 * ms - 1 : 2 * ms;
}

function nameOf(state: PermitState): StateName {
  if (state.status !== 'committed') return state.status;
  if (state.taken) return state.late ? 'late_taken' : 'committed_taken';
  return state.late ? 'late' : 'committed';
}

function versionOf(records: readonly TouchRecord[]): number {
  if (records.some(({ failed }) => failed !== undefined)) return VERSION_WITH_FAILURE;
  return records.some(hasPriorityOrWasTaken) ? VERSION_WITH_PRIORITY : VERSION;
}

function hasPriorityOrWasTaken({ content, state }: TouchRecord): boolean {
  const wasTaken = state.status === 'taken' || (state.status === 'committed' && state.taken);
  return content.priority !== undefined || wasTaken === true;
}

function isForgotten({ permitId, requestId, ruleId, content }: TouchRecord): boolean {
  return permitId === '' && requestId === '' && ruleId === '' && content.campaignId === undefined;
}
