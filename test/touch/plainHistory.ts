import { isConsent } from '../../src/touch/leaveAlone.js';
import { readPermitId } from '../../src/touch/permitId.js';
import type { ReachedTouch } from '../../src/touch/reachedTouches.js';
import {
  EVIDENCE_KEPT,
  type EvidenceEntry,
  type LoggedTouchEntry,
  type OutcomeEntry,
  type ReservedEntry,
  type TouchHistoryFact,
} from '../../src/touch/touchLedger.js';

/** `TouchLedger.historyOf`, word for word and without an index. */
export function plainHistory(
  entries: readonly LoggedTouchEntry[],
  { userIds, beforeSeq, limit }: { userIds: readonly string[]; beforeSeq: number; limit: number },
): TouchHistoryFact[] {
  const own = entries.filter((entry): entry is TouchHistoryFact => {
    const askedId = historyOfEntry(entry);
    return askedId !== undefined && userIds.includes(askedId);
  });
  return own
    .filter((entry, i) => !own.slice(0, i).some((earlier) => isRepeat(entry, earlier)))
    .filter(({ seq }) => seq < beforeSeq)
    .reverse()
    .slice(0, limit);
}

/** `TouchLedger.evidenceOf`, word for word. */
export function plainEvidence(
  entries: readonly LoggedTouchEntry[],
  userIds: readonly string[],
): EvidenceEntry[] {
  return [...new Set(userIds)]
    .flatMap((userId) =>
      entries
        .filter((entry): entry is EvidenceEntry => isEvidence(entry) && historyOfEntry(entry) === userId)
        .slice(-EVIDENCE_KEPT),
    )
    .sort((a, b) => a.seq - b.seq);
}

function isEvidence(entry: LoggedTouchEntry): boolean {
  if (entry.kind === 'outcome') return entry.outcome !== 'delivered';
  return entry.kind === 'reserved' || entry.kind === 'committed';
}

/** All ids that `TouchLedger.idsAfter` walks over. */
export function plainIds(entries: readonly LoggedTouchEntry[]): string[] {
  const ids = entries.map(historyOfEntry).filter((userId) => userId !== undefined);
  return [...new Set(ids)].sort();
}

/** `TouchLedger.wordsOf`, word for word. */
export function plainWords(entries: readonly LoggedTouchEntry[], userIds: readonly string[]): OutcomeEntry[] {
  return entries
    .filter((entry) => entry.kind === 'outcome')
    .filter((entry) => isConsent(entry.outcome) && userIds.includes(historyOfEntry(entry) ?? ''))
    .sort((a, b) => a.atMs - b.atMs || a.seq - b.seq);
}

function historyOfEntry(entry: LoggedTouchEntry): string | undefined {
  if (entry.kind === 'home' || entry.kind === 'mark') return undefined;
  const permitId = 'permitId' in entry ? entry.permitId : undefined;
  if (permitId !== undefined) return readPermitId(permitId)?.userId;
  return ('memberId' in entry ? entry.memberId : undefined) ?? entry.userId;
}

function isRepeat(entry: TouchHistoryFact, earlier: TouchHistoryFact): boolean {
  if (entry.kind !== earlier.kind || entry.kind === 'refused' || earlier.kind === 'refused') return false;
  const samePermit = entry.permitId !== undefined && entry.permitId === earlier.permitId;
  if (entry.kind !== 'outcome' || earlier.kind !== 'outcome') return samePermit;
  if (entry.outcome !== earlier.outcome || entry.atMs !== earlier.atMs) return false;
  return samePermit || (isConsent(entry.outcome) && entry.channel === earlier.channel);
}

/** What `ReachedTouches` should have of everybody, out of the ledger: the last to reach somebody first. */
export function plainReached(entries: readonly LoggedTouchEntry[]): ReachedTouch[] {
  const touches: ReachedTouch[] = [];
  for (const entry of entries) {
    if (entry.kind !== 'committed') continue;
    const { permitId, atMs, seq } = entry;
    const userId = readPermitId(permitId)?.userId;
    const reserved = entries.find(
      (other): other is ReservedEntry & { seq: number } =>
        other.kind === 'reserved' && other.permitId === permitId,
    );
    if (userId === undefined || reserved === undefined) continue;
    const isUnreached = entries.some(
      (other) =>
        other.kind === 'outcome' &&
        other.permitId === permitId &&
        (other.outcome === 'rejected' || other.outcome === 'undelivered'),
    );
    if (isUnreached) continue;
    if (touches.some((touch) => touch.permitId === permitId)) continue;
    const { channel, campaignType, shopId, campaignId } = reserved;
    const content = { channel, campaignType, ...(shopId && { shopId }), ...(campaignId && { campaignId }) };
    touches.push({ permitId, userId, ...content, atMs, seq });
  }
  return touches.sort((a, b) => b.atMs - a.atMs || b.seq - a.seq);
}
