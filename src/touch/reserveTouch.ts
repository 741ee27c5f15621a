import {
  FailedPreconditionError,
  InvalidInputError,
  UnavailableError,
  type Violation,
} from '../core/errors.js';
import { idViolation } from '../core/ids.js';
import { type EpochMs, type TtlMs, ttl } from '../core/time.js';
import { atHome } from './atHome.js';
import type { TouchDecision } from './decideTouch.js';
import { newPermitId } from './permitId.js';
import type { TouchContent } from './touch.js';
import type { TouchDependencies } from './touchDependencies.js';
import type { TouchLedgerEntry } from './touchLedger.js';
import { DEFAULT_RESERVATION_TTL_MS, MAX_RESERVATION_TTL_MS, MIN_RESERVATION_TTL_MS } from './touchPolicy.js';
import type { Reservation } from './touchStore.js';
import type { TouchRecord } from './userTouchLog.js';
import {
  type RawTouchQuestion,
  touchQuestionViolations,
  validateTouchQuestion,
  zoneOf,
} from './validateTouchQuestion.js';

export interface ReserveTouchInput {
  /** Chosen by the caller, unique per user: the idempotency key. */
  readonly requestId: string;
  readonly question: RawTouchQuestion;
  /** 1,000–86,400,000; 600,000 when absent. */
  readonly ttlMs?: number;
}

/** A held slot. */
export interface Permit {
  readonly permitId: string;
  readonly requestId: string;
  readonly reservedAtMs: EpochMs;
  readonly expiresAtMs: EpochMs;
  /** A repeat after the commit gets the same permit: `committed` tells the sender not to send again. */
  readonly status: 'reserved' | 'committed';
}

export interface ReserveTouchOutput {
  readonly decision: TouchDecision;
  /** There exactly when the decision allows. */
  readonly permit?: Permit;
  /** Whether the answer was given before. */
  readonly repeated: boolean;
}

export type ReserveTouch = (input: ReserveTouchInput) => Promise<ReserveTouchOutput>;

/** A request, checked, and the night of whoever it is for. */
type Asked = Pick<Reservation, 'userId' | 'requestId' | 'content' | 'timezone' | 'ttlMs' | 'deadlineMs'>;

/**
 * Decides and, when allowed, holds a slot in every cap until commit, release or expiry (C6).
 *
 * One read of the person, one step in the store, one durable append to the ledger, then the answer. When the ledger cannot
 * be written the slot is given back and nothing was promised. A repeat appends its entry once
 * more: the first one's append may still be under way, or lost.
 *
 * Throws `InvalidInputError`; `FailedPreconditionError` when the request id stands for another
 * touch; `UnavailableError`, and then nothing may be sent.
 */
export function createReserveTouch(dependencies: TouchDependencies): ReserveTouch {
  const { store, ledger, policy, clock, personOf, settleTouches, ledgerSettle } = dependencies;
  return async (input) => {
    const { requestId, ttlMs } = validateReserveInput(input);
    const { userId, deadlineMs, ...content } = validateTouchQuestion(input.question);
    const person = await personOf(userId);
    const asked = { userId, requestId, content, timezone: zoneOf(person), ttlMs, deadlineMs };
    return atHome({ userId, homeId: person.homeId, settleTouches }, (homeId) => reserveIn(homeId, asked));
  };

  async function reserveIn(homeId: string, asked: Asked): Promise<ReserveTouchOutput> {
    const { userId, requestId, content } = asked;
    const startMs = ledgerSettle?.elapsedMs() ?? 0;
    const outcome = await store.reserve({
      ...asked,
      homeId,
      permitId: newPermitId({ userId, channel: content.channel }),
      policy: policy(),
      nowMs: clock.nowMs(),
    });

    switch (outcome.kind) {
      case 'conflict':
        throw new FailedPreconditionError(
          `request_id: ${requestId} was used before with another ${outcome.fields.join(', ')}`,
        );
      case 'refused':
        await append(refusedEntry({ userId: homeId, requestId, content, decision: outcome.decision }), {
          userId,
        });
        return { decision: outcome.decision, repeated: false };
      case 'granted':
      case 'repeated': {
        const { record, decision } = outcome;
        await append(reservedEntry(homeId, { record, decision }), { userId, unanswered: record });
        refuseUnsettled(startMs);
        return { decision, permit: permitOf(record), repeated: outcome.kind === 'repeated' };
      }
    }
  }

  /** The slot stays held until it expires: too careful, never too free. A repeat of the request gets it. */
  function refuseUnsettled(startMs: number): void {
    if (ledgerSettle === undefined || ledgerSettle.elapsedMs() - startMs <= ledgerSettle.withinMs) return;
    throw new UnavailableError(`the touch ledger took longer than ${ledgerSettle.withinMs} ms`);
  }

  async function append(
    entry: TouchLedgerEntry,
    { userId, unanswered }: { userId: string; unanswered?: TouchRecord },
  ): Promise<void> {
    try {
      await ledger.append([entry]);
    } catch (cause) {
      if (unanswered !== undefined) {
        const { permitId } = unanswered;
        // Should this fail as well, the slot stays held until it expires: too careful, never too free.
        await atHome({ userId, homeId: entry.userId, settleTouches }, (homeId) =>
          store.withdraw({ userId, homeId, permitId }),
        ).catch(() => undefined);
      }
      throw new UnavailableError('the touch ledger cannot be written; nothing is reserved', { cause });
    }
  }
}

function validateReserveInput({
  requestId,
  question,
  ttlMs = DEFAULT_RESERVATION_TTL_MS,
}: ReserveTouchInput): {
  requestId: string;
  ttlMs: TtlMs;
} {
  const violations: Violation[] = touchQuestionViolations(question);
  const badId = idViolation('request_id', requestId);
  if (badId) violations.unshift(badId);
  if (!Number.isSafeInteger(ttlMs) || ttlMs < MIN_RESERVATION_TTL_MS || ttlMs > MAX_RESERVATION_TTL_MS) {
    violations.push({
      field: 'ttl_ms',
      rule: `must be a whole number from ${MIN_RESERVATION_TTL_MS} to ${MAX_RESERVATION_TTL_MS}`,
    });
  }
  if (violations.length > 0) throw new InvalidInputError(violations);
  return { requestId, ttlMs: ttl(ttlMs) };
}

function reservedEntry(
  userId: string,
  { record, decision }: { record: TouchRecord; decision: TouchDecision },
): TouchLedgerEntry {
  const { requestId, permitId, content, reservedAtMs, expiresAtMs, ruleId, reason } = record;
  return {
    kind: 'reserved',
    userId,
    requestId,
    permitId,
    ...content,
    atMs: reservedAtMs,
    expiresAtMs,
    policyVersion: decision.policyVersion,
    ruleId,
    reason,
  };
}

function refusedEntry({
  userId,
  requestId,
  content,
  decision,
}: {
  userId: string;
  requestId: string;
  content: TouchContent;
  decision: TouchDecision;
}): TouchLedgerEntry {
  const notBeforeMs = decision.kind === 'allow' ? undefined : decision.notBeforeMs;
  return {
    kind: 'refused',
    userId,
    requestId,
    ...content,
    atMs: decision.decidedAtMs,
    policyVersion: decision.policyVersion,
    verdict: decision.kind === 'delay' ? 'delay' : 'deny',
    ruleId: decision.ruleId,
    reason: decision.reason,
    ...(notBeforeMs !== undefined && { notBeforeMs }),
  };
}

function permitOf({ permitId, requestId, reservedAtMs, expiresAtMs, state }: TouchRecord): Permit {
  const status = state.status === 'committed' ? 'committed' : 'reserved';
  return { permitId, requestId, reservedAtMs, expiresAtMs, status };
}
