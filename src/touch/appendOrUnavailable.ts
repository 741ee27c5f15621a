import { UnavailableError } from '../core/errors.js';
import type { TouchLedger, TouchLedgerEntry } from './touchLedger.js';

/** Appends one entry durably; whatever fails becomes `UnavailableError` with its cause. */
export async function appendOrUnavailable(
  ledger: Pick<TouchLedger, 'append'>,
  entry: TouchLedgerEntry,
): Promise<void> {
  try {
    await ledger.append([entry]);
  } catch (cause) {
    throw new UnavailableError('the touch ledger cannot be written', { cause });
  }
}
