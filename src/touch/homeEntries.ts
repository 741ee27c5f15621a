import { createHash } from 'node:crypto';
import type { EpochMs } from '../core/time.js';
import type { ConsentMark } from './leaveAlone.js';
import type { TouchHome } from './touchHome.js';
import type { HomeEntry, MarkEntry, ReservedEntry, TouchLedgerEntry } from './touchLedger.js';
import { isForgotten, type TouchRecord, type UserTouchLog } from './userTouchLog.js';

/** Where a record of which only what counts is left was decided: nobody knows any more. */
const FORGOTTEN_RULE = 'no_rule';
/** The version of the policy that gave a permit is not in its record. */
const UNKNOWN_POLICY = 0;

/** Words about homes, as the ledger keeps them for one of the logs that must know. */
export function homeEntries(
  homes: readonly TouchHome[],
  { userId, nowMs }: { userId: string; nowMs: EpochMs },
): HomeEntry[] {
  return homes.map((home) => ({
    kind: 'home',
    userId,
    memberId: home.userId,
    homeId: home.homeId,
    identitySeq: home.seq,
    atMs: nowMs,
  }));
}

/**
 * All that counts in a log, as entries of the ledger under its owner: from them alone the log can be
 * made anew, whichever ids its touches were decided under. The same log gives the same entries.
 */
export function entriesOfLog({ records, marks }: UserTouchLog, userId: string): TouchLedgerEntry[] {
  return [
    ...inOrderOfReplay(records.filter(counts)).flatMap((record) => entriesOfRecord(record, userId)),
    ...markEntries(marks, userId),
  ];
}

/** What was forgotten and never sent holds nothing, and a replay knows it by its ids for longer than the log does. */
function counts(record: TouchRecord): boolean {
  return !isForgotten(record) || record.state.status === 'committed';
}

/**
 * A replayed reservation ends those before it whose time is over by then. So what still holds its slot comes
 * last and latest first: where the clock stepped back, one made later bears an earlier time.
 */
function inOrderOfReplay(records: readonly TouchRecord[]): readonly TouchRecord[] {
  const holding = records.filter(({ state }) => state.status === 'reserved');
  const others = records.filter((record) => !holding.includes(record));
  return [...others, ...holding.toSorted((a, b) => b.reservedAtMs - a.reservedAtMs)];
}

export function markEntries(marks: readonly ConsentMark[], userId: string): MarkEntry[] {
  return marks.map((mark) => ({ kind: 'mark', userId, ...mark }));
}

/**
 * That the slots of permits went to others, each after its reservation: that one's own entry may still be on
 * its way into the ledger, and must not come to hold a slot there.
 */
export function takenEntries(
  records: readonly TouchRecord[],
  { userId, atMs }: { userId: string; atMs: EpochMs },
): TouchLedgerEntry[] {
  return records.flatMap((record) => {
    const { permitId, state } = record;
    if (state.status !== 'taken') return [];
    return [
      reservedEntryOf(record, userId),
      { kind: 'taken', userId, permitId, takenBy: state.takenBy, atMs },
    ];
  });
}

function entriesOfRecord(record: TouchRecord, userId: string): TouchLedgerEntry[] {
  const { reservedAtMs, expiresAtMs, state } = record;
  const reserved = reservedEntryOf(record, userId);
  const { permitId } = reserved;
  switch (state.status) {
    case 'committed': {
      const { sentAtMs, late, taken } = state;
      return [
        reserved,
        { kind: 'committed', userId, permitId, atMs: sentAtMs, late, ...(taken && { taken }) },
      ];
    }
    case 'taken':
      // When it was taken is not in its record; nothing that counts hangs on it.
      return [reserved, { kind: 'taken', userId, permitId, takenBy: state.takenBy, atMs: reservedAtMs }];
    case 'released':
      return [reserved, { kind: 'released', userId, permitId, atMs: expiresAtMs }];
    case 'reserved':
    case 'expired':
      return [reserved];
  }
}

function reservedEntryOf(record: TouchRecord, userId: string): ReservedEntry {
  const { content, reservedAtMs, expiresAtMs, reason, failed } = record;
  const { permitId, requestId, ruleId } = isForgotten(record) ? idsOfForgotten(record) : record;
  return {
    kind: 'reserved',
    userId,
    requestId,
    permitId,
    ...content,
    atMs: reservedAtMs,
    expiresAtMs,
    policyVersion: UNKNOWN_POLICY,
    ruleId,
    reason,
    ...(failed !== undefined && { failed }),
  };
}

/** Ids for the ledger, which has no entry without them; nobody was ever given them. */
function idsOfForgotten({ content, reservedAtMs, expiresAtMs }: TouchRecord) {
  const { channel, campaignType, shopId = '', priority } = content;
  const facts = [channel, campaignType, shopId, reservedAtMs, expiresAtMs];
  // As it was before touches had a priority: an entry that is in a ledger keeps its ids.
  const known = priority === undefined ? facts : [...facts, priority];
  const id = `forgotten-${createHash('sha256').update(JSON.stringify(known)).digest('base64url').slice(0, 22)}`;
  return { permitId: id, requestId: id, ruleId: FORGOTTEN_RULE };
}
