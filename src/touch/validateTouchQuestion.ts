import { InvalidInputError, oneOfRule, type Violation } from '../core/errors.js';
import { idViolation } from '../core/ids.js';
import { type EpochMs, type TtlMs, ttl } from '../core/time.js';
import { CHANNELS, type Channel, isChannel } from '../core/vocabulary.js';
import { MAX_PRIORITY, type TouchQuestion } from './touch.js';
import type { TouchPerson } from './touchDependencies.js';
import { DEFAULT_RESERVATION_TTL_MS, MAX_RESERVATION_TTL_MS, MIN_RESERVATION_TTL_MS } from './touchPolicy.js';
import { isTimezone } from './zoneClock.js';

/** A kind of message that the caller does not name. */
export const DEFAULT_CAMPAIGN_TYPE = 'routine';

/** A question as the caller sent it. Of the optional fields, empty is the same as absent. */
export interface RawTouchQuestion {
  readonly userId: string;
  readonly channel: string;
  readonly shopId?: string;
  readonly campaignType?: string;
  readonly campaignId?: string;
  /** 0–100; 0 when absent. */
  readonly priority?: number;
  readonly deadlineMs?: EpochMs;
}

/** The same, asked before it is reserved. */
export interface RawTimedQuestion extends RawTouchQuestion {
  /** For how long the slot would be held, 1,000–86,400,000; ten minutes when absent. */
  readonly ttlMs?: number;
}

export interface TimedQuestion {
  readonly question: TouchQuestion;
  readonly ttlMs: TtlMs;
}

/** All that is wrong with a question, by the contract's field paths under `field`. */
export function touchQuestionViolations(raw: RawTouchQuestion, field = 'question'): Violation[] {
  return [
    idViolation(`${field}.user_id`, raw.userId),
    channelViolation(`${field}.channel`, raw.channel),
    optionalIdViolation(`${field}.shop_id`, raw.shopId),
    optionalIdViolation(`${field}.campaign_type`, raw.campaignType),
    optionalIdViolation(`${field}.campaign_id`, raw.campaignId),
    priorityViolation(`${field}.priority`, raw.priority),
    timeViolation(`${field}.deadline`, raw.deadlineMs),
  ].filter((violation) => violation !== undefined);
}

/** The question in the room's types; throws `InvalidInputError` with every violation. */
export function validateTouchQuestion(raw: RawTouchQuestion, field?: string): TouchQuestion {
  const violations = touchQuestionViolations(raw, field);
  if (violations.length > 0) throw new InvalidInputError(violations);
  return {
    userId: raw.userId,
    channel: raw.channel as Channel,
    campaignType: raw.campaignType || DEFAULT_CAMPAIGN_TYPE,
    ...(raw.shopId && { shopId: raw.shopId }),
    ...(raw.campaignId && { campaignId: raw.campaignId }),
    ...(raw.priority && { priority: raw.priority }),
    ...(raw.deadlineMs !== undefined && { deadlineMs: raw.deadlineMs }),
  };
}

/** The question in the room's types; throws `InvalidInputError` with every violation. */
export function validateTimedQuestion(
  { ttlMs = DEFAULT_RESERVATION_TTL_MS, ...raw }: RawTimedQuestion,
  field?: string,
): TimedQuestion {
  const badTtl = ttlViolation('ttl_ms', ttlMs);
  if (badTtl) throw new InvalidInputError([...touchQuestionViolations(raw, field), badTtl]);
  return { question: validateTouchQuestion(raw, field), ttlMs: ttl(ttlMs) };
}

/**
 * The person's time zone, or UTC when there is none. It never comes with the question: a campaign
 * could bring its own night. One that the runtime does not know is refused: quiet hours at the
 * wrong time of day are worse than no answer.
 */
export function zoneOf(person: TouchPerson): string {
  const timezone = person.timezone || 'UTC';
  if (!isTimezone(timezone)) {
    throw new InvalidInputError({ field: 'timezone', rule: 'must be an IANA time zone name' });
  }
  return timezone;
}

export function channelViolation(field: string, channel: string): Violation | undefined {
  return isChannel(channel) ? undefined : { field, rule: oneOfRule(CHANNELS) };
}

export function ttlViolation(field: string, ttlMs: number): Violation | undefined {
  const isSound =
    Number.isSafeInteger(ttlMs) && ttlMs >= MIN_RESERVATION_TTL_MS && ttlMs <= MAX_RESERVATION_TTL_MS;
  return isSound
    ? undefined
    : { field, rule: `must be a whole number from ${MIN_RESERVATION_TTL_MS} to ${MAX_RESERVATION_TTL_MS}` };
}

/** Of a question's priority, or of the least one that a promotion asks for. */
export function priorityViolation(field: string, priority: number | undefined): Violation | undefined {
  const sound =
    priority === undefined || (Number.isInteger(priority) && priority >= 0 && priority <= MAX_PRIORITY);
  return sound ? undefined : { field, rule: `must be a whole number from 0 to ${MAX_PRIORITY}` };
}

export function optionalIdViolation(field: string, id: string | undefined): Violation | undefined {
  return id ? idViolation(field, id) : undefined;
}

/** The times that the contract can write (`google.protobuf.Timestamp`). */
const EARLIEST_MS = Date.parse('0001-01-01T00:00:00Z');
const LATEST_MS = Date.parse('9999-12-31T23:59:59.999Z');

/** Of a time that may be absent. */
export function timeViolation(field: string, atMs: EpochMs | undefined): Violation | undefined {
  const sound = atMs === undefined || (Number.isInteger(atMs) && atMs >= EARLIEST_MS && atMs <= LATEST_MS);
  return sound ? undefined : { field, rule: 'must be a valid time of the years 1 to 9999' };
}
