import type { UpsertOutcome } from '../../catalog/upsertCatalog.js';
import { type UpsertResult, UpsertStatus } from '../../gen/tagrank/v1/vocabulary.js';

/** What the three upserts answer, in the words of the contract. */
export interface UpsertCounts {
  results: UpsertResult[];
  acceptedCount: number;
  rejectedCount: number;
}

/** `outcomes` holds one for each of `ids`, in order. */
export function toUpsertCounts(ids: readonly string[], outcomes: readonly UpsertOutcome[]): UpsertCounts {
  const rejectedCount = outcomes.filter(({ status }) => status === 'rejected').length;
  return {
    results: outcomes.map((outcome, i) => toUpsertResult(ids[i] ?? '', outcome)),
    acceptedCount: outcomes.length - rejectedCount,
    rejectedCount,
  };
}

function toUpsertResult(id: string, outcome: UpsertOutcome): UpsertResult {
  switch (outcome.status) {
    case 'accepted':
      return { id, status: UpsertStatus.ACCEPTED, violations: [], revision: BigInt(outcome.revision ?? 0) };
    case 'rejected':
      return { id, status: UpsertStatus.REJECTED, violations: [...outcome.violations], revision: 0n };
  }
}
