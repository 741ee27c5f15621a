import { appendOrUnavailable } from './appendOrUnavailable.js';
import type { TouchDependencies } from './touchDependencies.js';
import type { TouchLedgerEntry } from './touchLedger.js';

type Dependencies = Pick<TouchDependencies, 'store' | 'ledger' | 'ledgerSettle'>;

/** For `appendDone`, asked before the store is. */
export function beginsMs({ ledgerSettle }: Pick<Dependencies, 'ledgerSettle'>): number {
  return ledgerSettle?.elapsedMs() ?? 0;
}

/**
 * Appends, durably, what the store has done already, and resolves when both have it. A store that lost its data
 * is made anew from the ledger and waits only so long for what is on its way there (`ledgerSettle`). What was
 * longer may be missing in it until the ledger is read on, so the store is told once more, unless it knows.
 */
export async function appendDone(
  entry: TouchLedgerEntry,
  { beganMs, ...dependencies }: Dependencies & { readonly beganMs: number },
): Promise<void> {
  const { store, ledger, ledgerSettle } = dependencies;
  await appendOrUnavailable(ledger, entry);
  if (ledgerSettle === undefined || beginsMs(dependencies) - beganMs <= ledgerSettle.withinMs) return;
  await store.restore([entry], { pruneBeforeMs: Number.NEGATIVE_INFINITY });
}
