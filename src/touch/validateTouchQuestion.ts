import { InvalidInputError, type Violation } from '../core/errors.js';
import { idViolation } from '../core/ids.js';
import type { EpochMs } from '../core/time.js';
import { CHANNELS, type Channel, isChannel } from '../core/vocabulary.js';
import type { TouchQuestion } from './touch.js';
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
  readonly deadlineMs?: EpochMs;
  /** IANA name; the user's own when absent. */
  readonly timezone?: string;
}

/** All that is wrong with a question, by the contract's field paths under `field`. */
export function touchQuestionViolations(raw: RawTouchQuestion, field = 'question'): Violation[] {
  const found: (Violation | undefined)[] = [
    idViolation(`${field}.user_id`, raw.userId),
    channelViolation(`${field}.channel`, raw.channel),
    optionalIdViolation(`${field}.shop_id`, raw.shopId),
    optionalIdViolation(`${field}.campaign_type`, raw.campaignType),
    optionalIdViolation(`${field}.campaign_id`, raw.campaignId),
    timeViolation(`${field}.deadline`, raw.deadlineMs),
  ];
  if (raw.timezone) found.push(timezoneViolation(`${field}.timezone`, raw.timezone));
  return found.filter((violation) => violation !== undefined);
}

/** The question in the room's types; throws `InvalidInputError` with every violation. */
export function validateTouchQuestion(raw: RawTouchQuestion): TouchQuestion {
  const violations = touchQuestionViolations(raw);
  if (violations.length > 0) throw new InvalidInputError(violations);
  return {
    userId: raw.userId,
    channel: raw.channel as Channel,
    campaignType: raw.campaignType || DEFAULT_CAMPAIGN_TYPE,
    ...(raw.shopId && { shopId: raw.shopId }),
    ...(raw.campaignId && { campaignId: raw.campaignId }),
    ...(raw.deadlineMs !== undefined && { deadlineMs: raw.deadlineMs }),
  };
}

/**
 * The time zone in which the question is decided: the one it names, or else the user's, or else
 * UTC. One that the runtime does not know is refused wherever it comes from: quiet hours at the
 * wrong time of day are worse than no answer.
 */
export async function zoneOfQuestion(
  { userId, timezone }: RawTouchQuestion,
  timezoneOf: (userId: string) => Promise<string | undefined>,
): Promise<string> {
  const zone = timezone || (await timezoneOf(userId)) || 'UTC';
  const violation = timezoneViolation('question.timezone', zone);
  if (violation) throw new InvalidInputError(violation);
  return zone;
}

export function channelViolation(field: string, channel: string): Violation | undefined {
  return isChannel(channel) ? undefined : { field, rule: `must be one of ${CHANNELS.join(', ')}` };
}

export function optionalIdViolation(field: string, id: string | undefined): Violation | undefined {
  return id ? idViolation(field, id) : undefined;
}

export function timeViolation(field: string, atMs: EpochMs | undefined): Violation | undefined {
  return atMs === undefined || Number.isSafeInteger(atMs)
    ? undefined
    : { field, rule: 'must be a whole number of milliseconds' };
}

function timezoneViolation(field: string, timezone: string): Violation | undefined {
  return isTimezone(timezone) ? undefined : { field, rule: 'must be an IANA time zone name' };
}
