import { InvalidInputError, type Violation } from '../core/errors.js';
import { idViolation } from '../core/ids.js';
import type { Clock } from '../core/time.js';
import { type PermitFacts, placedEntries, type TouchHistoryEntry, withEntry } from './touchHistoryEntries.js';
import type { TouchHistoryFact, TouchLedger } from './touchLedger.js';

export interface TouchHistoryInput {
  /** Any id of the person. */
  readonly userId: string;
  /** 1–1,000; 100 when absent or 0. */
  readonly pageSize?: number;
  /** Of the answer before. Empty is the same as absent. */
  readonly pageToken?: string;
}

export interface TouchHistoryOutput {
  /** Newest first. */
  readonly entries: readonly TouchHistoryEntry[];
  /** For the next page; empty on the last. */
  readonly nextPageToken: string;
}

export type GetTouchHistory = (input: TouchHistoryInput) => Promise<TouchHistoryOutput>;

export interface TouchHistoryDeps {
  readonly ledger: Pick<TouchLedger, 'historyOf' | 'ofPermits'>;
  /** All ids of the person that an id belongs to. */
  readonly idsOf: (userId: string) => Promise<readonly string[]>;
  readonly clock: Clock;
}

const DEFAULT_PAGE = 100;
const MAX_PAGE = 1_000;

const END_PLACE = Number.MAX_SAFE_INTEGER;

/**
 * What was decided about a person and why, of all the ids that they have now, out of the truth: one read
 * of the person, two of the ledger. The order is that in which the ledger was told.
 *
 * Throws `InvalidInputError`, `UnavailableError`.
 */
export function createGetTouchHistory({ ledger, idsOf, clock }: TouchHistoryDeps): GetTouchHistory {
  return async (input) => {
    const { userId, pageSize, beforePlace } = validateHistoryInput(input);
    const userIds = await idsOf(userId);
    // One more tells whether there is another page.
    const facts = await ledger.historyOf({
      userIds,
      beforeSeq: Math.ceil(beforePlace / 2),
      limit: pageSize + 1,
    });
    const permits = await permitsOf(facts);
    const placed = facts
      .flatMap((fact) => placedEntries(fact, { permits, nowMs: clock.nowMs() }))
      .filter(({ place }) => place < beforePlace);
    const page = placed.slice(0, pageSize);
    return {
      entries: page.map(({ entry }) => entry),
      nextPageToken: placed.length > pageSize ? tokenOf(page.at(-1)?.place ?? 0) : '',
    };
  };

  async function permitsOf(facts: readonly TouchHistoryFact[]): Promise<ReadonlyMap<string, PermitFacts>> {
    const permitIds = facts.flatMap((fact) =>
      'permitId' in fact && fact.permitId !== undefined ? [fact.permitId] : [],
    );
    const permits = new Map<string, PermitFacts>();
    for (const entry of await ledger.ofPermits([...new Set(permitIds)])) {
      const known = permits.get(entry.permitId) ?? { isSettled: false };
      permits.set(entry.permitId, withEntry(known, entry));
    }
    return permits;
  }
}

function tokenOf(place: number): string {
  return Buffer.from(`before ${place}`).toString('base64url');
}

/** Undefined for what is no token. */
function placeOf(token: string): number | undefined {
  const place = Number(/^before (\d{1,16})$/.exec(Buffer.from(token, 'base64url').toString())?.[1]);
  return Number.isSafeInteger(place) && tokenOf(place) === token ? place : undefined;
}

function validateHistoryInput({ userId, pageSize = 0, pageToken = '' }: TouchHistoryInput) {
  const beforePlace = pageToken === '' ? END_PLACE : placeOf(pageToken);
  const violations: (Violation | undefined)[] = [
    idViolation('user_id', userId),
    Number.isInteger(pageSize) && pageSize >= 0 && pageSize <= MAX_PAGE
      ? undefined
      : {
          field: 'page_size',
          rule: `must be a whole number from 1 to ${MAX_PAGE}, or 0 for ${DEFAULT_PAGE}`,
        },
    beforePlace === undefined
      ? { field: 'page_token', rule: 'must be one that GetTouchHistory gave' }
      : undefined,
  ];
  const found = violations.filter((violation) => violation !== undefined);
  if (found.length > 0) throw new InvalidInputError(found);
  return { userId, pageSize: pageSize || DEFAULT_PAGE, beforePlace: beforePlace ?? END_PLACE };
}
