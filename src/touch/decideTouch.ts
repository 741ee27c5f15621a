import { DAY_MS, type EpochMs } from '../core/time.js';
import { opensFrom } from './capCourse.js';
import { goodHourFrom } from './goodHourState.js';
import { type LearnedRules, type LearningFacts, learnedRules } from './learnedRules.js';
import { leftAlone } from './leaveAlone.js';
import { quietUntil } from './quietHours.js';
import { type RuleState, ruleStates } from './ruleState.js';
import { TOLERANCE_RULE_ID } from './tolerancePace.js';
import type { TouchContent, TouchReason } from './touch.js';
import type { TouchPolicy } from './touchPolicy.js';
import { type TouchWords, touchWords } from './touchWords.js';
import type { UserTouchLog } from './userTouchLog.js';

/** What to ask the rules: everything that the answer depends on besides the person's log. */
export interface DecisionInput {
  readonly content: TouchContent;
  readonly policy: TouchPolicy;
  /** The user's time zone, an IANA name that the runtime knows. */
  readonly timezone: string;
  readonly nowMs: EpochMs;
  readonly deadlineMs?: EpochMs;
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
   * The rule that decided: of those that refuse, the one that opens last; of those that allow,
   * the one with the fewest slots left. `left_alone` for C8, `no_rule` where none applies.
   */
  readonly ruleId: string;
  readonly reason: TouchReason;
  /** The reason for a person to read, in English and Chinese. */
  readonly words: TouchWords;
  /** Each rule that is about this touch; empty for `left_alone`, which is decided before all rules. */
  readonly rules: readonly RuleState[];
  /** What was learned of the person; absent for `left_alone`, and where nothing is learned for this kind. */
  readonly learned?: LearnedRules;
  readonly decidedAtMs: EpochMs;
  readonly policyVersion: number;
};

type Answer = TouchVerdict & { readonly ruleId: string; readonly reason: TouchReason };

/** May this touch go out now, and if not, when? Pure: log, policy, question and time in, answer out. */
export function decideTouch(log: UserTouchLog, input: DecisionInput): TouchDecision {
  const { content, policy, timezone, nowMs, deadlineMs, requestId, learning: facts } = input;
  const mark = leftAlone(log.marks, content.channel);
  const learned =
    mark === undefined ? learnedRules(log.learned, { content, policy, facts, requestId }) : undefined;
  const rules =
    mark === undefined
      ? ruleStates(log.records, { content, policy, timezone, nowMs, deadlineMs, learned })
      : [];
  const answer: Answer =
    mark === undefined
      ? answerOf(rules, input)
      : { kind: 'deny', ruleId: 'left_alone', reason: 'left_alone' };
  return {
    ...answer,
    words: touchWords(answer, { rules, mark, timezone, learned }),
    rules,
    ...(learned !== undefined && { learned }),
    decidedAtMs: nowMs,
    policyVersion: policy.version,
  };
}

/** The hour waits and never refuses: where a message would be lost by waiting for it, it has no say. */
function answerOf(rules: readonly RuleState[], input: DecisionInput): Answer {
  const answer = answerOfRules(rules, input);
  const binding = rules.filter((state) => state.kind !== 'good_hour' || state.enforcement !== 'enforced');
  if (answer.kind !== 'deny' || binding.length === rules.length) return answer;
  return answerOfRules(binding, input);
}

function answerOfRules(rules: readonly RuleState[], { timezone, nowMs, deadlineMs }: DecisionInput): Answer {
  const enforced = rules.filter((state) => state.enforcement === 'enforced');
  const refusing = enforced.filter((state) => !state.passes);
  if (refusing.length === 0) {
    return deadlineMs !== undefined && nowMs > deadlineMs
      ? { kind: 'deny', notBeforeMs: nowMs, ...allowedBy(rules), reason: 'after_deadline' }
      : { kind: 'allow', ...allowedBy(rules) };
  }
  const deciding = refusing.reduce((a, b) => (opensAt(b) > opensAt(a) ? b : a));
  const ruleId = deciding.ruleId;
  if (deciding.opensAtMs === undefined) return { kind: 'deny', ruleId, reason: 'forbidden' };
  const notBeforeMs = allOpenAt(enforced, { timezone, nowMs });
  if (notBeforeMs === undefined) return { kind: 'deny', ruleId, reason: 'never_open' };
  if (deadlineMs !== undefined && notBeforeMs > deadlineMs) {
    return { kind: 'deny', notBeforeMs, ruleId, reason: 'after_deadline' };
  }
  return { kind: 'delay', notBeforeMs, ruleId, reason: refusalOf(deciding) };
}

/** In a week every hour of the day comes round, also one that summer time skips once. */
const LONGEST_SEARCH_MS = 8 * DAY_MS;

/**
 * The first moment at which every rule is open: from where one opens on, the others may have to be waited
 * for again, since nights and promotions begin and good hours end.
 */
function allOpenAt(
  states: readonly RuleState[],
  { timezone, nowMs }: { timezone: string; nowMs: EpochMs },
): EpochMs | undefined {
  let atMs = nowMs;
  let capsOpenMs = nowMs;
  while (atMs - capsOpenMs <= LONGEST_SEARCH_MS) {
    const roomMs = states.reduce(
      (at, state) => (state.kind === 'cap' ? Math.max(at, opensFrom(state.course, atMs)) : at),
      atMs,
    );
    if (roomMs > atMs) {
      [atMs, capsOpenMs] = [roomMs, roomMs];
      continue;
    }
    const quietOverMs = states.reduce(
      (at, state) => (state.kind === 'quiet_hours' ? quietUntil(state.rule, timezone, at) : at),
      atMs,
    );
    if (quietOverMs > atMs) {
      atMs = quietOverMs;
      continue;
    }
    const goodMs = states.reduce(
      (at, state) => (state.kind === 'good_hour' ? goodHourFrom(state, at) : at),
      atMs,
    );
    if (goodMs === atMs) return atMs;
    atMs = goodMs;
  }
  return undefined;
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
