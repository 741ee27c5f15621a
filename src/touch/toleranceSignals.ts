import type { EpochMs } from '../core/time.js';
import { isLeaveAlone } from './leaveAlone.js';
import type { TouchContent, TouchOutcome } from './touch.js';
import { isTouchFailure } from './touchFailure.js';
import type { CommittedEntry, OutcomeEntry, ReservedEntry, TouchLedgerEntry } from './touchLedger.js';

/** What the learning looks at, in the order in which signals of one moment are taken. */
export const TOLERANCE_SIGNALS = ['sent', 'opened', 'soft_negative', 'unsubscribed'] as const;
export type ToleranceSignalKind = (typeof TOLERANCE_SIGNALS)[number];

/** One thing that happened between a person and us. */
export interface ToleranceSignal {
  readonly kind: ToleranceSignalKind;
  readonly atMs: EpochMs;
  /** The permit, or for a word that answers no message one made of what it says. */
  readonly touchId: string;
}

/** A message that went out, and when it was first opened or clicked. */
export interface AnsweredTouch extends TouchContent {
  readonly permitId: string;
  readonly sentAtMs: EpochMs;
  readonly openedAtMs?: EpochMs;
}

export interface LearnedFrom {
  /** By time sent, then permit. */
  readonly touches: readonly AnsweredTouch[];
  /** By time, then kind, then touch: what `foldTolerance` takes. */
  readonly signals: readonly ToleranceSignal[];
}

/**
 * What one person's ledger entries say, whatever their order and however often each is repeated:
 * a message counts once, when it was sent, with its first open and its first negative of either
 * kind. An answer dated before its message (clocks differ) counts as of the message. Opens that
 * answer no message we know are left out: opens over sends could exceed 1. Negatives need none. What its
 * channel reported as failed was nothing to open, and is left out.
 *
 * @param counts Which messages are learned from; transactional ones say nothing of patience.
 */
export function learnedFrom(
  entries: Iterable<TouchLedgerEntry>,
  counts: (permit: ReservedEntry) => boolean,
): LearnedFrom {
  const reserved = new Map<string, ReservedEntry>();
  const sent = new Map<string, EpochMs>();
  const outcomes: OutcomeEntry[] = [];
  for (const entry of entries) {
    if (entry.kind === 'reserved') reserved.set(entry.permitId, entry);
    else if (entry.kind === 'committed') sent.set(entry.permitId, firstSent(sent, entry));
    else if (entry.kind === 'outcome') outcomes.push(entry);
  }
  const touches = new Map<string, AnsweredTouch>();
  const failed = new Set(
    outcomes.filter(({ outcome }) => isTouchFailure(outcome)).map(({ permitId }) => permitId),
  );
  for (const [permitId, sentAtMs] of sent) {
    const permit = reserved.get(permitId);
    if (permit === undefined || failed.has(permitId) || !counts(permit)) continue;
    const { channel, campaignType, shopId, campaignId } = permit;
    touches.set(permitId, {
      permitId,
      channel,
      campaignType,
      ...(shopId !== undefined && { shopId }),
      ...(campaignId !== undefined && { campaignId }),
      sentAtMs,
    });
  }
  const signals = new Map<string, ToleranceSignal>();
  for (const { permitId, sentAtMs } of touches.values()) {
    keepFirst(signals, { kind: 'sent', atMs: sentAtMs, touchId: permitId });
  }
  for (const outcome of outcomes) {
    const kind = kindOf(outcome.outcome);
    if (kind === undefined) continue;
    const touch = outcome.permitId === undefined ? undefined : touches.get(outcome.permitId);
    if (touch === undefined && kind === 'opened') continue;
    const atMs = Math.max(outcome.atMs, touch?.sentAtMs ?? outcome.atMs);
    const touchId = outcome.permitId ?? `${outcome.outcome} ${outcome.channel ?? 'all'} ${outcome.atMs}`;
    keepFirst(signals, { kind, atMs, touchId });
  }
  return {
    touches: [...touches.values()]
      .map((touch) => withOpen(touch, signals.get(keyOf('opened', touch.permitId))))
      .sort((a, b) => a.sentAtMs - b.sentAtMs || compareText(a.permitId, b.permitId)),
    signals: [...signals.values()].sort(bySignalOrder),
  };
}

/** Time, then kind, then touch: a total order, so that equal sets fold to equal states. */
export function bySignalOrder(a: ToleranceSignal, b: ToleranceSignal): number {
  return (
    a.atMs - b.atMs ||
    TOLERANCE_SIGNALS.indexOf(a.kind) - TOLERANCE_SIGNALS.indexOf(b.kind) ||
    compareText(a.touchId, b.touchId)
  );
}

/** Muting and complaining also leave the person alone (C8); here they tell of the other channels. */
function kindOf(outcome: TouchOutcome): ToleranceSignalKind | undefined {
  if (outcome === 'opened' || outcome === 'clicked') return 'opened';
  if (outcome === 'unsubscribed' || outcome === 'blocked') return 'unsubscribed';
  return outcome === 'dismissed' || isLeaveAlone(outcome) ? 'soft_negative' : undefined;
}

function firstSent(sent: ReadonlyMap<string, EpochMs>, { permitId, atMs }: CommittedEntry): EpochMs {
  return Math.min(atMs, sent.get(permitId) ?? atMs);
}

function keepFirst(signals: Map<string, ToleranceSignal>, signal: ToleranceSignal): void {
  const key = keyOf(signal.kind, signal.touchId);
  const known = signals.get(key);
  if (known === undefined || signal.atMs < known.atMs) signals.set(key, signal);
}

function keyOf(kind: ToleranceSignalKind, touchId: string): string {
  return `${kind} ${touchId}`;
}

function withOpen(touch: AnsweredTouch, opened: ToleranceSignal | undefined): AnsweredTouch {
  return opened === undefined ? touch : { ...touch, openedAtMs: opened.atMs };
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
