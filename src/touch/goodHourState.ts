import type { EpochMs } from '../core/time.js';
import { GOOD_HOUR_RULE_ID, type GoodHour, type GoodHourQuestion, goodHour } from './goodHour.js';
import type { HourRule } from './learnedRules.js';
import type { RuleStateFacts } from './ruleState.js';

/** When the message could go out, as the hours see it. */
export type HourQuestion = Pick<GoodHourQuestion, 'timezone' | 'nowMs' | 'deadlineMs' | 'quiet'>;

/** Where a person's hours stand for one question. */
export type GoodHourState = RuleStateFacts & {
  readonly kind: 'good_hour';
  readonly hours: HourRule;
  readonly question: HourQuestion;
  readonly answer: GoodHour;
};

export function goodHourState(hours: HourRule, question: HourQuestion): GoodHourState {
  const answer = answerAt({ hours, question }, question.nowMs);
  return {
    kind: 'good_hour',
    ruleId: GOOD_HOUR_RULE_ID,
    enforcement: hours.shadow ? 'shadow' : 'enforced',
    hours,
    question,
    answer,
    passes: answer.verdict !== 'wait',
    opensAtMs: answer.sendAtMs,
  };
}

/** The first good moment from `fromMs` on; `fromMs` itself after the deadline, where the hour has no say. */
export function goodHourFrom(state: GoodHourState, fromMs: EpochMs): EpochMs {
  return answerAt(state, fromMs).sendAtMs;
}

/** Where the wait reaches beyond the moment from which other hours are known to hold, these have the word from there. */
function answerAt({ hours, question }: Pick<GoodHourState, 'hours' | 'question'>, nowMs: EpochMs): GoodHour {
  const { profile, explore, later } = hours;
  if (later !== undefined && later.fromMs <= nowMs) return answerAt({ hours: later.hours, question }, nowMs);
  const answer = goodHour({ ...question, nowMs, profile, ...(explore !== undefined && { explore }) });
  if (later === undefined || answer.sendAtMs < later.fromMs) return answer;
  return { ...answerAt({ hours: later.hours, question }, later.fromMs), verdict: 'wait' };
}
