import { DAY_MS, type EpochMs } from '../core/time.js';
import { opensFrom } from './capCourse.js';
import { leftAlone } from './leaveAlone.js';
import { quietUntil } from './quietHours.js';
import { type RuleState, ruleStates } from './ruleState.js';
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
  readonly decidedAtMs: EpochMs;
  readonly policyVersion: number;
};

type Answer = TouchVerdict & { readonly ruleId: string; readonly reason: TouchReason };

/** May this touch go out now, and if not, when? Pure: log, policy, question and time in, answer out. */
export function decideTouch(log: UserTouchLog, input: DecisionInput): TouchDecision {
  const { content, policy, timezone, nowMs } = input;
  const mark = leftAlone(log.marks, content.channel);
  const rules = mark === undefined ? ruleStates(log.records, { content, policy, timezone, nowMs }) : [];
  const answer: Answer =
    mark === undefined
      ? answerOf(rules, input)
      : { kind: 'deny', ruleId: 'left_alone', reason: 'left_alone' };
  return {
    ...answer,
    words: touchWords(answer, { rules, mark, timezone }),
    rules,
    decidedAtMs: nowMs,
    policyVersion: policy.version,
  };
}

function answerOf(rules: readonly RuleState[], { timezone, nowMs, deadlineMs }: DecisionInput): Answer {
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
 * for again, since nights and promotions begin.
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
    if (quietOverMs === atMs) return atMs;
    atMs = quietOverMs;
  }
  return undefined;
}

function opensAt(state: RuleState): EpochMs {
  return state.opensAtMs ?? Number.POSITIVE_INFINITY;
}

function refusalOf(state: RuleState): TouchReason {
  if (state.kind === 'quiet_hours') return 'quiet_hours';
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
