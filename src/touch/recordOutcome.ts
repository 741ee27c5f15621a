import { InvalidInputError, oneOfRule, type Violation } from '../core/errors.js';
import { idViolation } from '../core/ids.js';
import { type EpochMs, HOUR_MS } from '../core/time.js';
import type { Channel } from '../core/vocabulary.js';
import { appendDone, beginsMs } from './appendDone.js';
import { appendOrUnavailable } from './appendOrUnavailable.js';
import { atHome } from './atHome.js';
import { isConsent, isLeaveAlone, timeOfWord } from './leaveAlone.js';
import { permitOwner } from './permitId.js';
import { isTouchOutcome, TOUCH_OUTCOMES, type TouchOutcome } from './touch.js';
import type { TouchDependencies } from './touchDependencies.js';
import { isTouchFailure, type TouchFailure } from './touchFailure.js';
import { heldHere, wordOn } from './touchHome.js';
import type { OutcomeEntry } from './touchLedger.js';
import type { ConsentWord } from './touchStore.js';
import { channelViolation, timeViolation } from './validateTouchQuestion.js';

export interface RecordOutcomeInput {
  readonly userId: string;
  /** One of `TOUCH_OUTCOMES`. */
  readonly outcome: string;
  /**
   * Absent or empty: all channels, where the outcome is about being left alone; the permit's
   * channel for the others, which need the one or the other.
   */
  readonly channel?: string;
  /** The message that it answers, when known. Empty is the same as absent. */
  readonly permitId?: string;
  /** At most an hour in the future; now when absent. */
  readonly atMs?: EpochMs;
}

export type RecordOutcome = (input: RecordOutcomeInput) => Promise<void>;

interface Report {
  readonly userId: string;
  readonly outcome: TouchOutcome;
  readonly channel?: Channel;
  readonly permitId?: string;
  /** Never after now. */
  readonly occurredAtMs?: EpochMs;
}

const NOTHING_MORE = { shops: false };

/** How far the caller's clock may run ahead of ours. */
const MAX_AHEAD_MS = HOUR_MS;

/**
 * Keeps what became of a message, for later learning. Whoever muted, blocked, complained or
 * unsubscribed is left alone from this call on, on the channel or on all, and `resubscribed`
 * undoes it (C8). In doubt a person is left alone: a refusal is in force in the store even when
 * the ledger then fails, a return only after the ledger has it. What the channel refused or gave up on
 * frees its slot in the caps that say so, likewise only after the ledger has it; of a permit that is
 * unknown or long pruned it frees nothing.
 *
 * Throws `InvalidInputError`, `UnavailableError`.
 */
export function createRecordOutcome({
  store,
  ledger,
  clock,
  personOf,
  settleTouches,
  ledgerSettle,
}: Omit<TouchDependencies, 'policy'>): RecordOutcome {
  const durably = { store, ledger, ledgerSettle };
  return async (input) => {
    const nowMs = clock.nowMs();
    const report = validateReport(input, { nowMs, isTheirs: await isPermitOfPerson(input) });
    const { userId, outcome } = report;
    if (isConsent(outcome)) {
      const word = { ...report, outcome, nowMs };
      await atHome({ userId, settleTouches }, (homeId) => keepWord({ ...word, homeId }));
    } else if (isTouchFailure(outcome) && report.permitId !== undefined) {
      await keepFailure({ ...report, permitId: report.permitId, failure: outcome, nowMs });
    } else {
      const atMs = report.occurredAtMs ?? nowMs;
      await appendOrUnavailable(ledger, entryOf(report, { homeId: userId, atMs, nowMs }));
    }
  };

  /** Once the slot is free another may have it: a ledger that knew nothing of that would exceed the cap. */
  async function keepFailure(
    report: Report & { permitId: string; failure: TouchFailure; nowMs: EpochMs },
  ): Promise<void> {
    const { permitId, failure, nowMs, occurredAtMs: atMs = nowMs } = report;
    const { userId } = permitOwner(permitId);
    await atHome({ userId, settleTouches }, async (homeId) => {
      const log = heldHere({ ownerId: homeId, log: await store.read(homeId) }, userId);
      // Before the message itself has come into the ledger under this home, a replay would not know whose it is.
      if (wordOn(log, userId)?.inLedger === false) await settleTouches(userId);
      await appendOrUnavailable(ledger, entryOf(report, { homeId, atMs, nowMs }));
      await store.fail({ userId, homeId, permitId, failure, nowMs });
    });
  }

  async function keepWord(word: ConsentWord & Report & { homeId: string }): Promise<void> {
    const { userId, homeId, nowMs } = word;
    if (isLeaveAlone(word.outcome)) {
      const beganMs = beginsMs(durably);
      const { atMs } = await store.mark(word);
      await appendDone(entryOf(word, { homeId, atMs, nowMs }), { ...durably, beganMs });
    } else {
      const { marks } = heldHere({ ownerId: homeId, log: await store.read(homeId) }, userId);
      const atMs = word.occurredAtMs ?? timeOfWord(marks, nowMs);
      await appendOrUnavailable(ledger, entryOf(word, { homeId, atMs, nowMs }));
      await store.mark({ ...word, occurredAtMs: atMs });
    }
  }

  /** Looks people up only for a permit of another id: it may be another id of the same person. */
  async function isPermitOfPerson({ userId, permitId }: RecordOutcomeInput): Promise<boolean> {
    const owner = permitId ? permitOwner(permitId) : undefined;
    if (owner === undefined || owner.userId === userId) return true;
    if (idViolation('user_id', userId) !== undefined) return false;
    const [reported, asked] = await Promise.all([
      personOf(userId, NOTHING_MORE),
      personOf(owner.userId, NOTHING_MORE),
    ]);
    return reported.homeId === asked.homeId;
  }
}

function entryOf(
  { userId, outcome, channel, permitId }: Report,
  { homeId, atMs, nowMs }: { homeId: string; atMs: EpochMs; nowMs: EpochMs },
): OutcomeEntry {
  return {
    kind: 'outcome',
    userId: homeId,
    ...(homeId !== userId && { memberId: userId }),
    outcome,
    ...(channel !== undefined && { channel }),
    ...(permitId !== undefined && { permitId }),
    atMs,
    recordedAtMs: nowMs,
  };
}

function validateReport(
  input: RecordOutcomeInput,
  { nowMs, isTheirs }: { nowMs: EpochMs; isTheirs: boolean },
): Report {
  const { userId, outcome, channel, permitId, atMs: occurredAtMs } = input;
  const owner = permitId ? permitOwner(permitId) : undefined;
  const violations: (Violation | undefined)[] = [idViolation('user_id', userId)];
  if (!isTouchOutcome(outcome)) {
    violations.push({ field: 'outcome', rule: oneOfRule(TOUCH_OUTCOMES) });
  } else if (isTouchFailure(outcome)) {
    if (owner === undefined) {
      violations.push({ field: 'permit_id', rule: `must be given for ${outcome}` });
    }
  } else if (!channel && owner === undefined && !isConsent(outcome)) {
    violations.push({ field: 'channel', rule: `must be given for ${outcome}, or permit_id` });
  }
  if (channel) violations.push(channelViolation('channel', channel));
  if (!isTheirs) {
    violations.push({ field: 'permit_id', rule: 'must be of the same user' });
  }
  if (owner !== undefined && channel && owner.channel !== channel) {
    violations.push({ field: 'channel', rule: 'must be that of the permit' });
  }
  const badTime = timeViolation('occurred_at', occurredAtMs);
  violations.push(badTime);
  if (badTime === undefined && occurredAtMs !== undefined && occurredAtMs > nowMs + MAX_AHEAD_MS) {
    violations.push({ field: 'occurred_at', rule: 'must be at most one hour in the future' });
  }
  const found = violations.filter((violation) => violation !== undefined);
  if (found.length > 0) throw new InvalidInputError(found);

  const checked = outcome as TouchOutcome;
  const on = (channel || (isConsent(checked) ? undefined : owner?.channel)) as Channel | undefined;
  return {
    userId,
    outcome: checked,
    ...(on !== undefined && { channel: on }),
    ...(permitId && { permitId }),
    ...(occurredAtMs !== undefined && { occurredAtMs: Math.min(occurredAtMs, nowMs) }),
  };
}
