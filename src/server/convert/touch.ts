import { InvalidInputError } from '../../core/errors.js';
import type { Language } from '../../core/vocabulary.js';
import {
  type Decision,
  DecisionKind,
  Outcome,
  PermitStatus,
  type RecordOutcomeRequest,
  type ReserveTouchRequest,
  Enforcement as WireEnforcement,
  type Permit as WirePermit,
  type TouchQuestion as WireQuestion,
  type RuleState as WireRuleState,
} from '../../gen/tagrank/v1/touch.js';
import { Channel } from '../../gen/tagrank/v1/vocabulary.js';
import type { TouchDecision } from '../../touch/decideTouch.js';
import type { RecordOutcomeInput } from '../../touch/recordOutcome.js';
import type { Permit, ReserveTouchInput } from '../../touch/reserveTouch.js';
import type { Enforcement, RuleState } from '../../touch/ruleState.js';
import type { TouchOutcome } from '../../touch/touch.js';
import type { RawTouchQuestion } from '../../touch/validateTouchQuestion.js';
import { fromBudget, fromGoodHour } from './learned.js';
import { createCodes, toEpochMs, toNumber, toTimestamp } from './scalars.js';
import { channels, toLanguage } from './vocabulary.js';

export const decisionKinds = createCodes<TouchDecision['kind'], DecisionKind>({
  allow: DecisionKind.ALLOW,
  delay: DecisionKind.DELAY,
  deny: DecisionKind.DENY,
});

const enforcements = createCodes<Enforcement, WireEnforcement>({
  enforced: WireEnforcement.ENFORCED,
  shadow: WireEnforcement.SHADOW,
  bypassed: WireEnforcement.BYPASSED,
});

const permitStatuses = createCodes<Permit['status'], PermitStatus>({
  reserved: PermitStatus.RESERVED,
  committed: PermitStatus.COMMITTED,
});

export const outcomes = createCodes<TouchOutcome, Outcome>({
  delivered: Outcome.DELIVERED,
  opened: Outcome.OPENED,
  clicked: Outcome.CLICKED,
  dismissed: Outcome.DISMISSED,
  muted: Outcome.MUTED,
  blocked: Outcome.BLOCKED,
  complained: Outcome.COMPLAINED,
  unsubscribed: Outcome.UNSUBSCRIBED,
  resubscribed: Outcome.RESUBSCRIBED,
  rejected: Outcome.REJECTED,
  undelivered: Outcome.UNDELIVERED,
});

/** A question for the room, and the language to answer it in. */
export interface AskedQuestion {
  readonly question: RawTouchQuestion;
  readonly language: Language;
}

/** @throws InvalidInputError when there is no question */
export function toQuestion(question: WireQuestion | undefined, field = 'question'): AskedQuestion {
  if (question === undefined) throw new InvalidInputError({ field, rule: 'must be given' });
  return {
    language: toLanguage(question.language, `${field}.language`),
    question: {
      userId: question.userId,
      channel: toRawChannel(question.channel) ?? '',
      shopId: question.shopId,
      campaignType: question.campaignType,
      campaignId: question.campaignId,
      priority: question.priority,
      deadlineMs: toEpochMs(question.deadline),
    },
  };
}

export function toReserveInput(
  { requestId, question, ttlMs }: ReserveTouchRequest,
  field = 'question',
): ReserveTouchInput & { language: Language } {
  return { requestId, ...toQuestion(question, field), ttlMs: toNumber(ttlMs) };
}

export function toRecordOutcomeInput(request: RecordOutcomeRequest): RecordOutcomeInput {
  return {
    userId: request.userId,
    outcome: outcomes.toWord(request.outcome) ?? '',
    channel: toRawChannel(request.channel),
    permitId: request.permitId,
    atMs: toEpochMs(request.occurredAt),
  };
}

/** A code that this version does not know stays wrong, and is not taken for "all channels". */
function toRawChannel(channel: Channel): string | undefined {
  return channel === Channel.UNSPECIFIED ? undefined : (channels.toWord(channel) ?? `unknown ${channel}`);
}

export function fromDecision(decision: TouchDecision, language: Language): Decision {
  const budget = decision.learned?.budget;
  const hour = decision.rules.find((state) => state.kind === 'good_hour');
  return {
    kind: decisionKinds.toCode(decision.kind),
    notBefore: decision.kind === 'allow' ? undefined : toTimestamp(decision.notBeforeMs),
    ruleId: decision.ruleId,
    reasonCode: decision.reason,
    reason: decision.words[language],
    ruleStates: decision.rules.map(fromRuleState),
    decidedAt: toTimestamp(decision.decidedAtMs),
    policyVersion: BigInt(decision.policyVersion),
    takes: decision.takes.length,
    learnedBudget: budget && fromBudget(budget, language),
    goodHour: hour && fromGoodHour(hour, language),
  };
}

/** One shape for all, written out: a message of a batch has ten thousand of these, and copying parts was a quarter of the work. */
function fromRuleState(state: RuleState): WireRuleState {
  const cap = state.kind === 'cap' ? state : undefined;
  return {
    ruleId: state.ruleId,
    enforcement: enforcements.toCode(state.enforcement),
    opensAt: toTimestamp(state.opensAtMs),
    used: cap && BigInt(cap.used),
    cap: cap && BigInt(cap.cap),
    nextFreeAt: toTimestamp(cap?.nextFreeAtMs),
    held: cap && BigInt(cap.held),
    heldFor: cap === undefined ? [] : [...cap.heldFor],
  };
}

export function fromPermit(permit: Permit): WirePermit {
  return {
    permitId: permit.permitId,
    expiresAt: toTimestamp(permit.expiresAtMs),
    reservedAt: toTimestamp(permit.reservedAtMs),
    status: permitStatuses.toCode(permit.status),
  };
}
