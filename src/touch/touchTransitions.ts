import type { EpochMs } from '../core/time.js';
import { decideTouch, type TouchDecision } from './decideTouch.js';
import { type ConsentMark, leftAlone, timeOfWord, withMark } from './leaveAlone.js';
import { readPermitId } from './permitId.js';
import { TOLERANCE_RULE_ID } from './tolerancePace.js';
import type { TouchContent } from './touch.js';
import type { TouchFailure } from './touchFailure.js';
import { homeIn } from './touchHome.js';
import { touchRetentionMs } from './touchPolicy.js';
import type {
  CommitOutcome,
  ConsentWord,
  ReleaseOutcome,
  Reservation,
  ReserveOutcome,
} from './touchStore.js';
import { touchWords } from './touchWords.js';
import {
  isKnown,
  prunedLog,
  settledLog,
  type TouchRecord,
  type UserTouchLog,
  withFailure,
  withRecord,
} from './userTouchLog.js';

/** What a step answers, and the log after it (the same object when nothing changed). */
export interface Step<Outcome> {
  readonly log: UserTouchLog;
  readonly outcome: Outcome;
}

/**
 * Check and append in one step (C6). A repeat of a request gets its permit as long as that holds a
 * slot or was committed, whatever quiet hours say now; after the deadline of what was not sent it is refused,
 * and the permit stays as it was. One that expired or was released holds nothing
 * any more, so to answer with it would send past a cap: the repeat is decided afresh, as is that of one
 * whose slot was taken (C4), and says so. Who is left alone gets nothing, not even the answer to a repeat (C8).
 */
export function reserveInLog(log: UserTouchLog, reservation: Reservation): Step<ReserveOutcome> {
  const { requestId, content, nowMs } = reservation;
  const known = permitOfRequest(log, reservation);
  if (known !== undefined) {
    const fields = differingFields(known.content, content);
    if (fields.length > 0) return { log, outcome: { kind: 'conflict', fields } };
    if (stillHolds(known, nowMs)) return repeatInLog(log, { known, reservation });
  }

  const wasTaken = known?.state.status === 'taken';
  const decision = decideTouch(log, reservation);
  if (decision.kind !== 'allow') return { log, outcome: { kind: 'refused', decision, wasTaken } };

  const record: TouchRecord = {
    permitId: reservation.permitId,
    requestId,
    content: contentOf(content),
    reservedAtMs: nowMs,
    expiresAtMs: nowMs + reservation.ttlMs,
    state: { status: 'reserved' },
    ruleId: decision.ruleId,
    reason: decision.reason,
    repeated: false,
  };
  const free = decision.takes.map((other) => takenBy(record, other)).reduce(withRecord, log);
  const kept = prunedLog(settledLog(free, nowMs), nowMs - touchRetentionMs(reservation.policy));
  return {
    log: { ...kept, records: [...kept.records, record] },
    outcome: { kind: 'granted', record, taken: takenIn(kept, nowMs), decision, wasTaken },
  };
}

function takenBy({ permitId }: TouchRecord, other: TouchRecord): TouchRecord {
  return { ...other, state: { status: 'taken', takenBy: permitId } };
}

/** Those whose slots others hold, until they would have run out anyway. */
function takenIn({ records }: UserTouchLog, nowMs: EpochMs): TouchRecord[] {
  return records.filter(({ state, expiresAtMs }) => state.status === 'taken' && expiresAtMs > nowMs);
}

/**
 * Of several permits of one request the one that was sent, else the last of those that hold a slot, else the
 * last of all. A permit whose answer was lost, and that was withdrawn for it, may come back from the ledger
 * behind the others; and where the clock stepped back, one that ended bears a later time than the one held.
 *
 * Ids of one person share their requests, as they share their slots, but what an id itself asked for comes
 * first. Permits of ids that have left stand in the log only to be counted.
 */
function permitOfRequest(log: UserTouchLog, reservation: Reservation): TouchRecord | undefined {
  const { userId, homeId: ownerId = userId, requestId, nowMs } = reservation;
  const ofPerson = log.records.filter(
    (record) =>
      record.requestId === requestId &&
      isKnown(record, nowMs) &&
      homeIn({ ownerId, log }, askedFor(record) ?? userId) === ownerId,
  );
  const ofId = ofPerson.filter((record) => (askedFor(record) ?? userId) === userId);
  const own = (ofId.length > 0 ? ofId : ofPerson).sort((a, b) => a.reservedAtMs - b.reservedAtMs);
  const sent = own.find(({ state }) => state.status === 'committed');
  return sent ?? own.findLast((record) => stillHolds(record, nowMs)) ?? own.at(-1);
}

/** The id that a permit was asked for. */
function askedFor({ permitId }: TouchRecord): string | undefined {
  return readPermitId(permitId)?.userId;
}

function repeatInLog(
  log: UserTouchLog,
  { known, reservation }: { known: TouchRecord; reservation: Reservation },
): Step<ReserveOutcome> {
  // Of one request with two permits the answer of the other one was lost: it stands in nobody's way.
  const isOwn = (record: TouchRecord): boolean =>
    record.requestId === known.requestId &&
    askedFor(record) === askedFor(known) &&
    record.state.status !== 'committed';
  const before = {
    ...log,
    records: log.records.filter((record) => record !== known && !isOwn(record)),
  };
  const isSent = known.state.status === 'committed';
  const { deadlineMs = Number.POSITIVE_INFINITY } = reservation;
  if (!isSent && reservation.nowMs > deadlineMs) {
    return { log, outcome: { kind: 'refused', decision: decideTouch(before, reservation), wasTaken: false } };
  }
  // A clock that runs behind that of the permit must not find less room than there was.
  const nowMs = Math.max(reservation.nowMs, known.reservedAtMs);
  const decision = decideTouch(before, { ...reservation, nowMs });
  const isFull = !isSent && hasFullCap(decision);
  if (decision.reason === 'left_alone' || (isFull && decision.kind !== 'allow')) {
    return { log, outcome: { kind: 'refused', decision, wasTaken: false } };
  }
  // Where those of lower priority fill it, they give way as to any other request.
  const newly = isFull ? decision.takes.map((other) => takenBy(known, other)) : [];
  const record = { ...known, repeated: true };
  const isNews = newly.length > 0 || !known.repeated;
  const after = isNews ? withRecord(newly.reduce(withRecord, log), record) : log;
  const taken = takenIn(after, nowMs);
  const takes = taken.filter(({ state }) => state.status === 'taken' && state.takenBy === known.permitId);
  const { timezone } = reservation;
  return {
    log: after,
    outcome: {
      kind: 'repeated',
      record,
      taken,
      decision: allowedAsBefore({ ...decision, takes }, { known, timezone }),
    },
  };
}

/**
 * Whether an enforced cap is full without the permit that is asked for again. (What is held back for a
 * promotion since is no matter, the permit has its slot; nor is a learned budget, which may have shrunk.)
 * While a permit holds its slot that cannot be (but for a late commit or that of a permit that was taken, ids
 * linked meanwhile, or a tighter policy). It can when the slot went to another: the ledger had the permit but
 * its answer was lost, so it was withdrawn here, or the store lost it; and then it came back from the ledger.
 * Which of the two was told so nobody knows any more, so neither is told again.
 */
function hasFullCap({ rules }: TouchDecision): boolean {
  return rules.some(
    (rule) =>
      rule.kind === 'cap' &&
      rule.ruleId !== TOLERANCE_RULE_ID &&
      rule.enforcement === 'enforced' &&
      rule.isFull,
  );
}

/** The decision that gave the permit, with the rules as they stand now beside it. */
function allowedAsBefore(
  { rules, learned, takes, decidedAtMs, policyVersion }: TouchDecision,
  { known: { ruleId, reason }, timezone }: { known: TouchRecord; timezone: string },
): TouchDecision {
  const facts = { rules, takes: takes.length, mark: undefined, timezone, learned };
  const now = { rules, ...(learned !== undefined && { learned }), takes, decidedAtMs, policyVersion };
  return { kind: 'allow', ruleId, reason, words: touchWords({ ruleId, reason }, facts), ...now };
}

function stillHolds(record: TouchRecord, nowMs: EpochMs): boolean {
  switch (record.state.status) {
    case 'committed':
      return true;
    case 'reserved':
      return nowMs < record.expiresAtMs;
    case 'expired':
    case 'released':
    case 'taken':
      return false;
  }
}

/**
 * The message went out: it counts as sent now. (The sender sent it some time between reservation
 * and now; the slot was held all that while, so the later moment never lets a window overflow. Where it
 * expired or was taken meanwhile it may: the message is out all the same, and whoever asks next waits. It is
 * not out yet where `onlyIfHeld`: then such a slot is not committed, nor any for who is left alone since, C8.)
 */
export function commitInLog(
  log: UserTouchLog,
  { permitId, nowMs, onlyIfHeld }: { permitId: string; nowMs: EpochMs; onlyIfHeld?: boolean },
): Step<CommitOutcome> {
  const record = log.records.find((candidate) => candidate.permitId === permitId);
  if (record === undefined || !isKnown(record, nowMs)) return { log, outcome: { kind: 'unknown' } };
  switch (record.state.status) {
    case 'released':
      return { log, outcome: { kind: 'released' } };
    case 'committed':
      return { log, outcome: { kind: 'committed', record, repeated: true } };
    case 'reserved':
    case 'expired':
    case 'taken': {
      if (onlyIfHeld && leftAlone(log.marks, record.content.channel) !== undefined) {
        return { log, outcome: { kind: 'left_alone' } };
      }
      if (onlyIfHeld && !stillHolds(record, nowMs)) {
        return { log, outcome: { kind: 'not_held', taken: record.state.status === 'taken' } };
      }
      const state = {
        status: 'committed',
        sentAtMs: Math.max(record.reservedAtMs, nowMs),
        late: hasExpired(record, nowMs),
      } as const;
      const isTaken = record.state.status === 'taken';
      const committed: TouchRecord = { ...record, state: isTaken ? { ...state, taken: true } : state };
      return {
        log: withRecord(log, committed),
        outcome: { kind: 'committed', record: committed, repeated: false },
      };
    }
  }
}

/** The message will not go out: its slot is free from now on. */
export function releaseInLog(
  log: UserTouchLog,
  { permitId, nowMs }: { permitId: string; nowMs: EpochMs },
): Step<ReleaseOutcome> {
  const record = log.records.find((candidate) => candidate.permitId === permitId);
  if (record === undefined || !isKnown(record, nowMs)) return { log, outcome: { kind: 'unknown' } };
  switch (record.state.status) {
    case 'committed':
      return { log, outcome: { kind: 'committed' } };
    case 'released':
      return { log, outcome: { kind: 'released', record, expired: false, taken: false } };
    case 'reserved':
    case 'expired':
    case 'taken': {
      const released: TouchRecord = { ...record, state: { status: 'released' } };
      const [expired, taken] = [hasExpired(record, nowMs), record.state.status === 'taken'];
      return {
        log: withRecord(log, released),
        outcome: { kind: 'released', record: released, expired, taken },
      };
    }
  }
}

/**
 * The channel reports that the message reached nobody: it counts no more for the rules that say so. A report
 * that overtakes the commit is kept until that comes. Twice, or of a permit that is unknown, nothing changes.
 */
export function failInLog(
  log: UserTouchLog,
  { permitId, failure, nowMs }: { permitId: string; failure: TouchFailure; nowMs: EpochMs },
): Step<undefined> {
  const record = log.records.find((candidate) => candidate.permitId === permitId);
  if (record === undefined || !isKnown(record, nowMs)) return { log, outcome: undefined };
  const failed = withFailure(record, failure);
  return { log: failed === record ? log : withRecord(log, failed), outcome: undefined };
}

/** The word in its place in time, in force from now on (C8). */
export function markInLog(
  log: UserTouchLog,
  { channel, outcome, occurredAtMs, nowMs }: ConsentWord,
): Step<ConsentMark> {
  const atMs = occurredAtMs ?? timeOfWord(log.marks, nowMs);
  const mark = { ...(channel !== undefined && { channel }), outcome, atMs };
  return { log: { ...log, marks: withMark(log.marks, mark) }, outcome: mark };
}

/** The log without a reservation that nobody was told of; unchanged when somebody may have been. */
export function withdrawFromLog(log: UserTouchLog, permitId: string): UserTouchLog {
  const records = log.records.filter(
    (record) => record.permitId !== permitId || record.repeated || record.state.status === 'committed',
  );
  return records.length === log.records.length ? log : { ...log, records };
}

function hasExpired(record: TouchRecord, nowMs: EpochMs): boolean {
  return record.state.status === 'expired' || nowMs >= record.expiresAtMs;
}

const CONTENT_FIELDS = [
  ['channel', 'channel'],
  ['campaign_type', 'campaignType'],
  ['shop_id', 'shopId'],
  ['campaign_id', 'campaignId'],
  ['priority', 'priority'],
] as const;

function differingFields(a: TouchContent, b: TouchContent): string[] {
  return CONTENT_FIELDS.filter(([, key]) => a[key] !== b[key]).map(([name]) => name);
}

/** The facts of the touch alone, without what else the caller's object may carry. */
function contentOf({ channel, campaignType, shopId, campaignId, priority }: TouchContent): TouchContent {
  return {
    channel,
    campaignType,
    ...(shopId !== undefined && { shopId }),
    ...(campaignId !== undefined && { campaignId }),
    ...(priority !== undefined && { priority }),
  };
}
