import { FailedPreconditionError, UnavailableError } from '../core/errors.js';
import { atHome } from './atHome.js';
import type { TouchDecision } from './decideTouch.js';
import { takenEntries } from './homeEntries.js';
import { newPermitId } from './permitId.js';
import type { Permit, ReserveTouchOutput } from './reserveTouch.js';
import type { TouchContent } from './touch.js';
import type { TouchDependencies } from './touchDependencies.js';
import type { TouchLedgerEntry } from './touchLedger.js';
import type { Reservation, ReserveOutcome } from './touchStore.js';
import type { TouchRecord } from './userTouchLog.js';

/** A request, checked, where it is believed to be decided, and the night of whoever it is for. */
export type AskedReservation = Pick<
  Reservation,
  'userId' | 'requestId' | 'content' | 'timezone' | 'ttlMs' | 'deadlineMs' | 'learning'
> & { readonly homeId: string };

/** What the store said, in which log, and when it was asked. */
export interface Reserved {
  readonly asked: AskedReservation;
  readonly homeId: string;
  readonly outcome: ReserveOutcome;
  readonly startMs: number;
}

/** The steps of a reservation, for one and for many: ask the store, write the ledger, answer. */
export interface ReservationSteps {
  /** What the store is asked, in the log of `homeId`. */
  reservationIn(homeId: string, asked: AskedReservation): Reservation;
  /** In the log that the touches are really in. */
  reserveAtHome(asked: AskedReservation): Promise<Reserved>;
  /**
   * Writes what was decided, durably and all at once. When that fails the slots are given back, nothing
   * was promised to anybody, and it rejects with `UnavailableError`.
   */
  record(all: readonly Reserved[]): Promise<void>;
  /** Once it is recorded. Throws what a single call throws. */
  answerOf(reserved: Reserved): ReserveTouchOutput;
  /** For `Reserved.startMs`. */
  elapsedMs(): number;
}

export function createReservationSteps({
  store,
  ledger,
  policy,
  clock,
  settleTouches,
  ledgerSettle,
}: TouchDependencies): ReservationSteps {
  return { reservationIn, reserveAtHome, record, answerOf, elapsedMs };

  function elapsedMs(): number {
    return ledgerSettle?.elapsedMs() ?? 0;
  }

  function reservationIn(homeId: string, asked: AskedReservation): Reservation {
    const permitId = newPermitId({ userId: asked.userId, channel: asked.content.channel });
    return { ...asked, homeId, permitId, policy: policy(), nowMs: clock.nowMs() };
  }

  function reserveAtHome(asked: AskedReservation): Promise<Reserved> {
    const { userId } = asked;
    return atHome({ userId, homeId: asked.homeId, settleTouches }, async (homeId) => {
      const startMs = elapsedMs();
      return { asked, homeId, startMs, outcome: await store.reserve(reservationIn(homeId, asked)) };
    });
  }

  async function record(all: readonly Reserved[]): Promise<void> {
    try {
      await ledger.append(all.flatMap(entriesOf));
    } catch (cause) {
      await Promise.all(all.map(withdraw));
      throw new UnavailableError('the touch ledger cannot be written; nothing is reserved', { cause });
    }
  }

  async function withdraw({ asked: { userId }, homeId: from, outcome }: Reserved): Promise<void> {
    if (outcome.kind !== 'granted' && outcome.kind !== 'repeated') return;
    const { permitId } = outcome.record;
    // Should this fail as well, the slot stays held until it expires: too careful, never too free.
    await atHome({ userId, homeId: from, settleTouches }, (homeId) =>
      store.withdraw({ userId, homeId, permitId }),
    ).catch(() => undefined);
  }

  function answerOf({ asked: { requestId }, outcome, startMs }: Reserved): ReserveTouchOutput {
    switch (outcome.kind) {
      case 'conflict':
        throw new FailedPreconditionError(
          `request_id: ${requestId} was used before with another ${outcome.fields.join(', ')}; another message needs its own`,
        );
      case 'refused':
        return { decision: outcome.decision, repeated: false, wasTaken: outcome.wasTaken };
      case 'granted':
      case 'repeated':
        refuseUnsettled(startMs);
        return {
          decision: outcome.decision,
          permit: permitOf(outcome.record),
          repeated: outcome.kind === 'repeated',
          wasTaken: outcome.kind === 'granted' && outcome.wasTaken,
        };
    }
  }

  /** The slot stays held until it expires: too careful, never too free. A repeat of the request gets it. */
  function refuseUnsettled(startMs: number): void {
    if (ledgerSettle === undefined || elapsedMs() - startMs <= ledgerSettle.withinMs) return;
    throw new UnavailableError(`the touch ledger took longer than ${ledgerSettle.withinMs} ms`);
  }
}

function entriesOf({ asked, homeId, outcome }: Reserved): TouchLedgerEntry[] {
  const { userId, requestId, content } = asked;
  switch (outcome.kind) {
    case 'conflict':
      return [];
    case 'refused':
      return [refusedEntry({ userId, homeId, requestId, content, decision: outcome.decision })];
    case 'granted':
    case 'repeated':
      return [
        ...takenEntries(outcome.taken, { userId: homeId, atMs: outcome.record.reservedAtMs }),
        reservedEntry(homeId, outcome),
      ];
  }
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
  homeId,
  requestId,
  content,
  decision,
}: {
  userId: string;
  homeId: string;
  requestId: string;
  content: TouchContent;
  decision: TouchDecision;
}): TouchLedgerEntry {
  const notBeforeMs = decision.kind === 'allow' ? undefined : decision.notBeforeMs;
  return {
    kind: 'refused',
    userId: homeId,
    ...(homeId !== userId && { memberId: userId }),
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
