import type { EpochMs, TtlMs } from '../core/time.js';
import { allOpenAt } from './allOpenAt.js';
import { type LearnedRules, type LearningFacts, learnedRules } from './learnedRules.js';
import { leftAlone } from './leaveAlone.js';
import {
  type RuleQuestion,
  type RuleStanding,
  type RuleState,
  ruleStandings,
  standingWithout,
} from './ruleState.js';
import { fewestToTake, reservationsBelow } from './takeReservations.js';
import { TOLERANCE_RULE_ID } from './tolerancePace.js';
import type { TouchContent, TouchReason } from './touch.js';
import { DEFAULT_RESERVATION_TTL_MS, type TouchPolicy } from './touchPolicy.js';
import { type TouchWords, touchWords } from './touchWords.js';
import type { TouchRecord, UserTouchLog } from './userTouchLog.js';

/** What to ask the rules: everything that the answer depends on besides the person's log. */
export interface DecisionInput {
  readonly content: TouchContent;
  readonly policy: TouchPolicy;
  /** The user's time zone, an IANA name that the runtime knows. */
  readonly timezone: string;
  readonly nowMs: EpochMs;
  readonly deadlineMs?: EpochMs;
  /** For how long a reservation would hold its slot; the default of one when absent. */
  readonly ttlMs?: TtlMs;
  /** Of a reservation; some of them try another hour (C2). */
  readonly requestId?: string;
  /** What learning looks at besides the log; habits unknown and no shop preferred when absent. */
  readonly learning?: LearningFacts;
}

/** A decision before it is put in words. */
export type TouchVerdict =
  | { readonly kind: 'allow' }
  /** Allowed at `notBeforeMs`, refused at every moment before, as long as nothing else happens. */
  | { readonly kind: 'delay'; readonly notBeforeMs: EpochMs }
  /** `notBeforeMs`, where there is one, lies after the caller's deadline. */
  | { readonly kind: 'deny'; readonly notBeforeMs?: EpochMs };

export type TouchDecision = TouchVerdict & {
  /**
   * The rule that decided: of those that refuse, or would without `takes`, the one that opens last; of those
   * that allow, the one with the fewest slots left. `left_alone` for C8, `no_rule` where none applies.
   */
  readonly ruleId: string;
  readonly reason: TouchReason;
  /** The reason for a person to read, in English and Chinese. */
  readonly words: TouchWords;
  /** Each rule that is about this touch; empty for `left_alone`, which is decided before all rules. */
  readonly rules: readonly RuleState[];
  /** Reservations of lower priority that it takes the slots of (C4); only where it is allowed. */
  readonly takes: readonly TouchRecord[];
  /** What was learned of the person; absent for `left_alone`, and where nothing is learned for this kind. */
  readonly learned?: LearnedRules;
  readonly decidedAtMs: EpochMs;
  readonly policyVersion: number;
};

type Answer = TouchVerdict & Pick<TouchDecision, 'ruleId' | 'reason' | 'takes'>;

/** A question to the rules, and the touches of the person. */
interface Asked {
  readonly question: RuleQuestion;
  readonly records: readonly TouchRecord[];
}

/** May this touch go out now, and if not, when? Pure: log, policy, question and time in, answer out. */
export function decideTouch(log: UserTouchLog, input: DecisionInput): TouchDecision {
  const { records, marks } = log;
  const { content, policy, timezone, nowMs, deadlineMs, requestId, learning: facts } = input;
  const { ttlMs = DEFAULT_RESERVATION_TTL_MS } = input;
  const mark = leftAlone(marks, content.channel);
  const learned =
    mark === undefined ? learnedRules(log.learned, { content, policy, facts, requestId, nowMs }) : undefined;
  const question = { content, policy, timezone, nowMs, deadlineMs, ttlMs, learned };
  const standings = mark === undefined ? ruleStandings(records, question) : [];
  const answer: Answer =
    mark === undefined
      ? answerOf(standings, { question, records })
      : { kind: 'deny', ruleId: 'left_alone', reason: 'left_alone', takes: [] };
  const rules = standings.map(({ state }) => state);
  return {
    ...answer,
    words: touchWords(answer, { rules, takes: answer.takes.length, mark, timezone, learned }),
    rules,
    ...(learned !== undefined && { learned }),
    decidedAtMs: nowMs,
    policyVersion: policy.version,
  };
}

/** The hour waits and never refuses: where a message would be lost by waiting for it, it has no say. */
function answerOf(standings: readonly RuleStanding[], asked: Asked): Answer {
  const answer = answerOfRules(standings, asked);
  const binding = standings.filter(
    ({ state }) => state.kind !== 'good_hour' || state.enforcement !== 'enforced',
  );
  if (answer.kind !== 'deny' || binding.length === standings.length) return answer;
  return answerOfRules(binding, asked);
}

function answerOfRules(standings: readonly RuleStanding[], { question, records }: Asked): Answer {
  const { nowMs, deadlineMs } = question;
  const refusing = standings.filter(refuses);
  const isTooLate = deadlineMs !== undefined && nowMs > deadlineMs;
  if (refusing.length === 0) {
    const allowed = { ...allowedBy(standings.map(({ state }) => state)), takes: [] };
    return isTooLate
      ? { ...allowed, kind: 'deny', notBeforeMs: nowMs, reason: 'after_deadline' }
      : { ...allowed, kind: 'allow' };
  }
  // What gives way to the touch keeps it waiting at no moment.
  const below = reservationsBelow(records, question);
  const barriers = standings.map((standing) => standingWithout(standing, below, nowMs));
  const barring = barriers.filter(refuses);
  if (barring.length > 0 || isTooLate) {
    return refusal(lastToOpen(barring.length > 0 ? barring : refusing), { barriers, question });
  }
  const courses = refusing.flatMap(({ course }) => course ?? []);
  const takes = fewestToTake(courses, { below, nowMs });
  return { kind: 'allow', ruleId: lastToOpen(refusing).ruleId, reason: 'takes_reservation', takes };
}

function refusal(
  deciding: RuleState,
  { barriers, question }: { barriers: readonly RuleStanding[]; question: RuleQuestion },
): Answer {
  const { deadlineMs } = question;
  const refused = { ruleId: deciding.ruleId, takes: [] };
  if (deciding.opensAtMs === undefined) return { ...refused, kind: 'deny', reason: 'forbidden' };
  const enforced = barriers.filter(({ state }) => state.enforcement === 'enforced');
  const notBeforeMs = allOpenAt(enforced, question);
  if (notBeforeMs === undefined) return { ...refused, kind: 'deny', reason: 'never_open' };
  if (deadlineMs !== undefined && notBeforeMs > deadlineMs) {
    return { ...refused, kind: 'deny', notBeforeMs, reason: 'after_deadline' };
  }
  return { ...refused, kind: 'delay', notBeforeMs, reason: refusalOf(deciding) };
}

function refuses({ state: { enforcement, passes } }: RuleStanding): boolean {
  return enforcement === 'enforced' && !passes;
}

function lastToOpen(refusing: readonly RuleStanding[]): RuleState {
  return refusing.map(({ state }) => state).reduce((a, b) => (opensAt(b) > opensAt(a) ? b : a));
}

function opensAt(state: RuleState): EpochMs {
  return state.opensAtMs ?? Number.POSITIVE_INFINITY;
}

function refusalOf(state: RuleState): TouchReason {
  if (state.kind === 'quiet_hours') return 'quiet_hours';
  if (state.kind === 'good_hour') return 'better_hour';
  if (state.ruleId === TOLERANCE_RULE_ID) return 'budget_spent';
  if (state.heldByGap) return 'min_gap';
  return state.used < state.cap ? 'slots_held' : 'cap_reached';
}

function allowedBy(rules: readonly RuleState[]): { ruleId: string; reason: TouchReason } {
  const bypassed = rules.find((state) => state.enforcement === 'bypassed' && !state.passes);
  if (bypassed !== undefined) return { ruleId: bypassed.ruleId, reason: 'bypass' };
  const tightest = rules
    .filter((state) => state.kind === 'cap' && state.enforcement === 'enforced')
    .reduce<RuleState | undefined>((a, b) => (a === undefined || left(b) < left(a) ? b : a), undefined);
  return { ruleId: tightest?.ruleId ?? 'no_rule', reason: 'within_caps' };
}

function left(state: RuleState): number {
  return state.kind === 'cap' ? state.cap - state.used - state.held : Number.POSITIVE_INFINITY;
}
