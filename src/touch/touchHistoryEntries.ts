import type { EpochMs } from '../core/time.js';
import { readPermitId } from './permitId.js';
import type { TouchWords } from './plainWords.js';
import type { TouchContent, TouchOutcome, TouchReason } from './touch.js';
import { historyWords } from './touchHistoryWords.js';
import type { PermitEntry, ReservedEntry, TouchHistoryFact } from './touchLedger.js';

/** A decision of the past. */
export interface PastDecision {
  readonly kind: 'allow' | 'delay' | 'deny';
  readonly notBeforeMs?: EpochMs;
  readonly ruleId: string;
  readonly reason: TouchReason;
  readonly words: TouchWords;
  readonly decidedAtMs: EpochMs;
  readonly policyVersion: number;
}

/** Something that happened to a person's touches. */
export interface TouchHistoryEntry {
  readonly kind: 'reserved' | 'refused' | 'committed' | 'released' | 'taken' | 'expired' | 'outcome';
  readonly atMs: EpochMs;
  /** The id that it is about, one of the person's. */
  readonly userId: string;
  /** The message as far as it is known; of an outcome that answers none, at most its channel. */
  readonly content: Partial<TouchContent>;
  readonly permitId?: string;
  readonly requestId?: string;
  readonly decision?: PastDecision;
  readonly outcome?: TouchOutcome;
  /** Of a commit: the permit had expired before. */
  readonly late?: boolean;
  /** Of a commit: the slot had gone to a touch of higher priority before. */
  readonly taken?: boolean;
  /** Of a slot that was taken: the permit that took it. */
  readonly takenBy?: string;
}

/**
 * An entry and its place in the history. A reservation that ran out has two: that it expired is in no
 * entry of the ledger and comes just before its reservation, which is 2 × seq; others leave the odd
 * places free.
 */
export interface Placed {
  readonly place: number;
  readonly entry: TouchHistoryEntry;
}

/** What became of a permit. */
export interface PermitFacts {
  readonly reservation?: ReservedEntry;
  /** Committed, released or taken. */
  readonly isSettled: boolean;
}

/** With one more entry of the permit. */
export function withEntry(known: PermitFacts, entry: PermitEntry): PermitFacts {
  if (entry.kind !== 'reserved') return { ...known, isSettled: true };
  return known.reservation === undefined ? { ...known, reservation: entry } : known;
}

/** What an entry of the ledger is in a history, newest first. */
export function placedEntries(
  fact: TouchHistoryFact,
  { permits, nowMs }: { permits: ReadonlyMap<string, PermitFacts>; nowMs: EpochMs },
): Placed[] {
  const permitId = 'permitId' in fact ? fact.permitId : undefined;
  const permit = permitId === undefined ? undefined : permits.get(permitId);
  const entry = entryOf(fact, permit?.reservation);
  const placed = { place: 2 * fact.seq, entry };
  if (fact.kind !== 'reserved' || permit?.isSettled !== false || fact.expiresAtMs > nowMs) return [placed];
  const { userId, content } = entry;
  const expired = { kind: 'expired', atMs: fact.expiresAtMs, userId, content, permitId } as const;
  return [{ place: 2 * fact.seq + 1, entry: expired }, placed];
}

function entryOf(fact: TouchHistoryFact, reservation: ReservedEntry | undefined): TouchHistoryEntry {
  const { kind, atMs } = fact;
  const permitId = 'permitId' in fact ? fact.permitId : undefined;
  const owner = permitId === undefined ? undefined : readPermitId(permitId);
  const memberId = 'memberId' in fact ? fact.memberId : undefined;
  const common = {
    atMs,
    userId: owner?.userId ?? memberId ?? fact.userId,
    ...(permitId !== undefined && { permitId }),
  };
  switch (kind) {
    case 'reserved':
    case 'refused': {
      const { requestId } = fact;
      return { ...common, kind, requestId, content: contentOf(fact), decision: decisionOf(fact) };
    }
    case 'committed':
      return {
        ...common,
        kind,
        content: contentOf(reservation ?? owner ?? {}),
        late: fact.late,
        ...(fact.taken && { taken: fact.taken }),
      };
    case 'taken':
      return { ...common, kind, content: contentOf(reservation ?? owner ?? {}), takenBy: fact.takenBy };
    case 'released':
      return { ...common, kind, content: contentOf(reservation ?? owner ?? {}) };
    case 'outcome': {
      const { channel, outcome } = fact;
      const content = contentOf(reservation ?? (channel === undefined ? {} : { channel }));
      return { ...common, kind, content, outcome };
    }
  }
}

function contentOf({
  channel,
  campaignType,
  shopId,
  campaignId,
  priority,
}: Partial<TouchContent>): Partial<TouchContent> {
  return {
    ...(channel !== undefined && { channel }),
    ...(campaignType !== undefined && { campaignType }),
    ...(shopId !== undefined && { shopId }),
    ...(campaignId !== undefined && { campaignId }),
    ...(priority !== undefined && { priority }),
  };
}

function decisionOf(fact: Extract<TouchHistoryFact, { kind: 'reserved' | 'refused' }>): PastDecision {
  const { ruleId, reason, policyVersion, atMs: decidedAtMs } = fact;
  const notBeforeMs = fact.kind === 'refused' ? fact.notBeforeMs : undefined;
  return {
    kind: fact.kind === 'refused' ? fact.verdict : 'allow',
    ...(notBeforeMs !== undefined && { notBeforeMs }),
    ruleId,
    reason,
    words: historyWords({ ruleId, reason, notBeforeMs }),
    decidedAtMs,
    policyVersion,
  };
}
