import { InvalidInputError, type Violation } from '../core/errors.js';
import { idViolation } from '../core/ids.js';
import { type EpochMs, type TtlMs, ttl } from '../core/time.js';
import type { TouchDecision } from './decideTouch.js';
import { learningFactsOf, looksAtShops } from './learningFacts.js';
import { type AskedReservation, createReservationSteps } from './reservationSteps.js';
import type { TouchQuestion } from './touch.js';
import type { TouchDependencies, TouchPerson } from './touchDependencies.js';
import { DEFAULT_RESERVATION_TTL_MS } from './touchPolicy.js';
import {
  type RawTouchQuestion,
  touchQuestionViolations,
  ttlViolation,
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
  /**
   * The request had a permit whose slot a touch of higher priority took (C4): nothing may be sent on that one
   * any more, and this is a new decision.
   */
  readonly wasTaken: boolean;
}

export type ReserveTouch = (input: ReserveTouchInput) => Promise<ReserveTouchOutput>;

/** A request, checked. */
export interface CheckedReservation extends TouchQuestion {
  readonly requestId: string;
  readonly ttlMs: TtlMs;
}

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
  const { reserveAtHome, record, answerOf } = createReservationSteps(dependencies);
  return async (input) => {
    const checked = validateReserveInput(input);
    const wanted = { shops: looksAtShops(dependencies.policy(), checked) };
    const person = await dependencies.personOf(checked.userId, wanted);
    const reserved = await reserveAtHome(askedReservation(checked, person, dependencies));
    await record([reserved]);
    return answerOf(reserved);
  };
}

/** Throws `InvalidInputError` when the person's time zone is none. */
export function askedReservation(
  { userId, requestId, ttlMs, deadlineMs, ...content }: CheckedReservation,
  person: TouchPerson,
  dependencies: Pick<TouchDependencies, 'habitsOf'>,
): AskedReservation {
  const learning = learningFactsOf(person, content, dependencies);
  const { homeId } = person;
  return { userId, homeId, requestId, content, timezone: zoneOf(person), ttlMs, deadlineMs, learning };
}

/** Throws `InvalidInputError`, by the paths of the contract under `field`. */
export function validateReserveInput(
  { requestId, question, ttlMs = DEFAULT_RESERVATION_TTL_MS }: ReserveTouchInput,
  field?: string,
): CheckedReservation {
  const within = field === undefined ? '' : `${field}.`;
  const violations: Violation[] = touchQuestionViolations(question, `${within}question`);
  const badId = idViolation(`${within}request_id`, requestId);
  if (badId) violations.unshift(badId);
  const badTtl = ttlViolation(`${within}ttl_ms`, ttlMs);
  if (badTtl) violations.push(badTtl);
  if (violations.length > 0) throw new InvalidInputError(violations);
  return { ...validateTouchQuestion(question), requestId, ttlMs: ttl(ttlMs) };
}
