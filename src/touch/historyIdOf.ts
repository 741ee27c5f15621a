import { readPermitId } from './permitId.js';
import type { TouchLedgerEntry } from './touchLedger.js';

/** The id whose history an entry is part of (`TouchLedger`); undefined where it is nobody's. */
export function historyIdOf(entry: TouchLedgerEntry): string | undefined {
  if (entry.kind === 'home' || entry.kind === 'mark') return undefined;
  const permitId = 'permitId' in entry ? entry.permitId : undefined;
  if (permitId !== undefined) return readPermitId(permitId)?.userId;
  return ('memberId' in entry ? entry.memberId : undefined) ?? entry.userId;
}
