import { MINUTE_MS } from '../../core/time.js';
import { type ConsentOutcome, LEAVE_ALONE_OUTCOMES } from '../../touch/leaveAlone.js';

/*
 * A packed touch log: the head, what was learned and the homes if there are any, the marks, then records
 * until the end. Equal logs of a person are equal bytes.
 *
 *   head    1 byte: whether something was learned in the eighth bit, the version of the format in the
 *           sixth and seventh, whether there are homes in the fifth, how many marks in the others
 *   learned 1 byte: the budget
 *           2 bytes: the day
 *           2 bytes: sends, opens
 *           1 byte: high half the soft negatives, low half the unsubscribes
 *           3 bytes: the hours that are remembered, the lowest bit for the first of the day; for each
 *           1 byte: high half the sends, low half the share of opens
 *   homes   varint: how many; each
 *           id of the user
 *           1 byte: 1 where the ledger has the word, and HOME_IS_OWNER or HOME_IS_USER, else the id of
 *           the home follows
 *           varint: the change of the truth
 *   mark    1 byte: high half 0 for all channels or 1 + the channel, low half the outcome
 *           moment
 *   record  shape
 *           moment of the reservation
 *           span to the expiry, unless it is that of the record before (at first FIRST_TTL_MS)
 *           span to the sending, where it was committed
 *           unless forgotten: text of the campaign, text of the rule, id of the request, permit, and where
 *           it was taken the permit that took it, as an id after its own
 *   shape   varint: 0 a new one that follows, else 1 + the place of one met before
 *           1 byte: the flags below, over the state
 *           1 byte: high half the channel, low half the reason
 *           where there is one: NO_TEXT, which is no kind, and 1 byte: the priority; and where the channel
 *           reported a failure: NO_TEXT and 1 byte: FIRST_FAILURE and its place in TOUCH_FAILURES
 *           text of the kind, text of the shop
 *           dense: varint: 0 a new one, LIKE_ANOTHER one that differs in its flags from one met before, else
 *           FIRST_DENSE_PLACE + its place; plus, for each that there might have been, the span to the
 *           sending as its number, at most FAR (it follows then), 0 where it was not committed
 *           1 byte: the flags; where it is like another, varint: the place of that; else as above
 *   moment  the first: its span from FIRST_MOMENT_MS
 *           others: 4 bytes of milliseconds since the moment before, or FAR and then that span
 *   span    varint of whole milliseconds, the sign in the lowest bit
 *   text    varint: 0 none, 1 a new one that follows as an id, else 2 + the place of one met before
 *   id      where there was one before (of texts, of requests, or of homes): a varint, how many
 *           characters of that one it begins with
 *           the rest by packedId.ts
 *   permit  one of ours: the 16 bytes of its UUID, before it the place in homes of a user who is not
 *           the log's owner; any other by packedId.ts
 *
 * A log in which a touch has a priority or was taken is of VERSION_WITH_PRIORITY, so that a server that does not
 * know of either refuses it, and one with a failure of VERSION_WITH_FAILURE, the last that VERSION_BITS have
 * room for; all others are still as they were.
 *
 * Where something was learned the records are dense: they make room for it, so that a person with twelve
 * touches takes no more of Redis than before.
 *
 * A touch of long ago takes 8 to 12 bytes, one that may still be asked for 20 to 45 more.
 */
export const VERSION = 1;
export const VERSION_WITH_PRIORITY = 2;
export const VERSION_WITH_FAILURE = 3;

/** No priority is as high. */
export const FIRST_FAILURE = 128;

export const STATE = 0b0000_0111;
export const REPEATED = 0b0000_1000;
export const FORGOTTEN = 0b0001_0000;
export const SAME_TTL = 0b0010_0000;
/** The permit id is one of ours: all but its UUID follows from the channel and the log's owner… */
export const OWN_PERMIT = 0b0100_0000;
/** …or another user whose home the log knows. */
export const MEMBER_PERMIT = 0b1000_0000;

/** Shapes of dense records. */
export const LIKE_ANOTHER = 1;
export const FIRST_DENSE_PLACE = 2;

export const HAS_LEARNED = 0b1000_0000;
export const VERSION_BITS = 0b0110_0000;
export const HAS_HOMES = 0b0001_0000;
export const MARKS = 0b0000_1111;
export const IN_LEDGER = 0b001;
export const HOME_IS_OWNER = 0b010;
export const HOME_IS_USER = 0b100;

/** 49 days; a moment that lies further from the one before, or before it, is written as a span. */
export const FAR = 0xffff_ffff;
export const FIRST_MOMENT_MS = Date.UTC(2024, 0);
export const FIRST_TTL_MS = 10 * MINUTE_MS;

// Places in the lists below (and in CHANNELS and TOUCH_REASONS) are in the bytes: they are only ever
// added to, at the end, up to 16; those of STATES, of which there are 8, no more.
export const OUTCOMES: readonly ConsentOutcome[] = ['resubscribed', ...LEAVE_ALONE_OUTCOMES];
export const STATES = [
  'reserved',
  'expired',
  'released',
  'committed',
  'late',
  'taken',
  'committed_taken',
  'late_taken',
] as const;
export type StateName = (typeof STATES)[number];

export const NO_TEXT = 0;
export const NEW_TEXT = 1;
export const FIRST_PLACE = 2;
/** Texts that every log has met: usual kinds, and the rules of the shipped policy. */
export const USUAL_TEXTS: readonly string[] = [
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
