import { type EpochMs, ttl } from '../core/time.js';
import { isConsent, withMark } from './leaveAlone.js';
import { isTouchFailure, type TouchFailure } from './touchFailure.js';
import { hasMoved, type TouchHome, withHomes } from './touchHome.js';
import type { HomeEntry, ReservedEntry, TouchLedger, TouchLedgerEntry } from './touchLedger.js';
import type { TouchStore } from './touchStore.js';
import {
  holdsForgotten,
  isKnown,
  settledLog,
  TOUCH_IDS_KEPT_MS,
  type TouchRecord,
  type UserTouchLog,
  withFailure,
  withRecord,
} from './userTouchLog.js';

/**
 * How long after its end a permit that was neither committed nor released keeps its ids in a replay: a commit
 * that came in time stands behind what was reserved meanwhile, and where the ledger missed it at first, its
 * repeat does, as long as that is known.
 */
const OPEN_KEPT_MS = ttl(2 * TOUCH_IDS_KEPT_MS);

/**
 * Brings a store to the state that the ledger tells of, in whatever state it is: after a crash an
 * empty one. A reservation neither committed nor released holds its slot until it expires, and a
 * repeat of its request gets the same permit. Resolves with the last `seq` read.
 */
export async function rebuildTouchStore({
  ledger,
  store,
  pruneBeforeMs,
  afterSeq = 0,
  pageSize = 5_000,
  onProgress,
}: {
  ledger: TouchLedger;
  store: TouchStore;
  /** Records that ended before need not come back: now − `touchRetentionMs(policy)`. */
  pruneBeforeMs: EpochMs;
  afterSeq?: number;
  pageSize?: number;
  /** Called after each page with the entries applied so far. */
  onProgress?: (entries: number) => void;
}): Promise<number> {
  let seq = afterSeq;
  let applied = 0;
  for (;;) {
    const page = await ledger.read({ afterSeq: seq, limit: pageSize });
    const last = page[page.length - 1];
    if (last === undefined) return seq;
    await replayTouchLedger(page, store, { pruneBeforeMs });
    seq = last.seq;
    applied += page.length;
    onProgress?.(applied);
  }
}

/** Applies entries of the ledger, in its order, to a store. */
export async function replayTouchLedger(
  entries: readonly TouchLedgerEntry[],
  store: TouchStore,
  { pruneBeforeMs = Number.NEGATIVE_INFINITY }: { pruneBeforeMs?: EpochMs } = {},
): Promise<void> {
  await store.restore(entries, { pruneBeforeMs });
}

/**
 * The log of the entry's user with that entry applied. An entry that is there already changes nothing, also
 * where its touch was forgotten meanwhile. A request id with two permits (the first one's answer was
 * lost) keeps both: each holds a slot until it expires, and the later answers a repeat. A log that has
 * moved to another id takes in no more: what was still on its way into the ledger when it moved went
 * along, and stands there under the new home.
 */
export function replayEntry(log: UserTouchLog, entry: TouchLedgerEntry): UserTouchLog {
  const owned = { ownerId: entry.userId, log };
  if (entry.kind === 'home') return withHomes(owned, [homeOf(entry)]);
  return hasMoved(owned) ? log : replayTouch(log, entry);
}

function homeOf({ memberId, homeId, identitySeq }: HomeEntry): TouchHome {
  return { userId: memberId, homeId, seq: identitySeq, inLedger: true };
}

function replayTouch(log: UserTouchLog, entry: Exclude<TouchLedgerEntry, HomeEntry>): UserTouchLog {
  switch (entry.kind) {
    case 'reserved': {
      const record = recordOf(entry);
      const known = findPermit(log, entry.permitId);
      if (known !== undefined) return withReport(log, known, entry.failed);
      if (holdsForgotten(log, record)) return log;
      const before = settledLog(log, entry.atMs, { openKeptMs: OPEN_KEPT_MS });
      return { ...before, records: [...before.records, record] };
    }
    case 'committed': {
      const record = findPermit(log, entry.permitId);
      if (record === undefined || record.state.status === 'committed') return log;
      const { atMs: sentAtMs, late, taken } = entry;
      return withRecord(log, {
        ...record,
        state: { status: 'committed', sentAtMs, late, ...(taken && { taken }) },
      });
    }
    case 'released': {
      const record = findPermit(log, entry.permitId);
      if (record === undefined || record.state.status === 'committed') return log;
      return withRecord(log, { ...record, state: { status: 'released' } });
    }
    case 'taken': {
      const record = findPermit(log, entry.permitId);
      if (record === undefined || !isOpen(record)) return log;
      return withRecord(log, { ...record, state: { status: 'taken', takenBy: entry.takenBy } });
    }
    case 'mark':
    case 'outcome': {
      const { outcome, channel, atMs } = entry;
      if (entry.kind === 'outcome' && isTouchFailure(outcome)) {
        const known = entry.permitId === undefined ? undefined : findPermit(log, entry.permitId);
        return known === undefined || !isKnown(known, entry.recordedAtMs)
          ? log
          : withReport(log, known, outcome);
      }
      if (!isConsent(outcome)) return log;
      const marks = withMark(log.marks, { ...(channel !== undefined && { channel }), outcome, atMs });
      return marks === log.marks ? log : { ...log, marks };
    }
    case 'refused':
      return log;
  }
}

function recordOf(entry: ReservedEntry): TouchRecord {
  const { permitId, requestId, channel, campaignType, shopId, campaignId, priority, ruleId, reason } = entry;
  return {
    permitId,
    requestId,
    content: {
      channel,
      campaignType,
      ...(shopId !== undefined && { shopId }),
      ...(campaignId !== undefined && { campaignId }),
      ...(priority !== undefined && { priority }),
    },
    reservedAtMs: entry.atMs,
    expiresAtMs: entry.expiresAtMs,
    state: { status: 'reserved' },
    ruleId,
    reason,
    // It was answered, or may have been.
    repeated: true,
    ...(entry.failed !== undefined && { failed: entry.failed }),
  };
}

function withReport(log: UserTouchLog, record: TouchRecord, failure: TouchFailure | undefined): UserTouchLog {
  const reported = withFailure(record, failure);
  return reported === record ? log : withRecord(log, reported);
}

function isOpen({ state }: TouchRecord): boolean {
  return state.status === 'reserved' || state.status === 'expired';
}

function findPermit(log: UserTouchLog, permitId: string): TouchRecord | undefined {
  return log.records.find((record) => record.permitId === permitId);
}
