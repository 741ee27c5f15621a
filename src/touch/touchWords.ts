import { type EpochMs, MINUTE_MS } from '../core/time.js';
import type { LearnedRules } from './learnedRules.js';
import { budgetWords, goodHourWords } from './learnedWords.js';
import type { ConsentMark } from './leaveAlone.js';
import { lengthWords, type TouchWords } from './plainWords.js';
import type { RuleState } from './ruleState.js';
import { TOLERANCE_RULE_ID } from './tolerancePace.js';
import type { TouchReason } from './touch.js';
import type { CalendarUnit, CapWindow } from './touchPolicy.js';
import { wallTime } from './zoneClock.js';

export type { TouchWords } from './plainWords.js';

interface Answer {
  readonly ruleId: string;
  readonly reason: TouchReason;
  readonly notBeforeMs?: EpochMs;
}

interface Facts {
  readonly rules: readonly RuleState[];
  /** How many reservations of lower priority give up their slots. */
  readonly takes: number;
  readonly mark: ConsentMark | undefined;
  readonly timezone: string;
  readonly learned?: LearnedRules;
}

/** The reason of a decision in words, with the figures of the rule that decided. */
export function touchWords(answer: Answer, { rules, takes, mark, timezone, learned }: Facts): TouchWords {
  const state = rules.find((candidate) => candidate.ruleId === answer.ruleId);
  const cap = state?.kind === 'cap' ? capWords(state, learned) : { en: '', zh: '' };
  const when = answer.notBeforeMs === undefined ? '' : localTime(timezone, answer.notBeforeMs);
  switch (answer.reason) {
    case 'within_caps':
      return state === undefined
        ? { en: 'No cap applies.', zh: '没有适用的频次规则。' }
        : { en: `Within every cap; the tightest is ${cap.en}.`, zh: `未超出任何上限;最紧的是${cap.zh}。` };
    case 'bypass':
      return {
        en: `This kind of message bypasses rule ${answer.ruleId}.`,
        zh: `此类消息不受规则 ${answer.ruleId} 限制。`,
      };
    case 'left_alone':
      return {
        en: `The person ${mark?.outcome ?? 'opted out'} on ${mark?.channel ?? 'all channels'} and is left alone.`,
        zh: `用户已${OPT_OUT_ZH[mark?.outcome ?? 'unsubscribed']}(${mark?.channel ?? '全部渠道'}),不再打扰。`,
      };
    case 'forbidden':
      return { en: `Rule ${answer.ruleId} forbids this touch.`, zh: `规则 ${answer.ruleId} 禁止此触达。` };
    case 'cap_reached':
      return { en: `Cap reached: ${cap.en}. Free at ${when}.`, zh: `已达上限:${cap.zh}。${when} 后可发。` };
    case 'min_gap':
      return {
        en: `Too soon after the last touch (rule ${answer.ruleId}). Free at ${when}.`,
        zh: `距上次触达太近(规则 ${answer.ruleId})。${when} 后可发。`,
      };
    case 'quiet_hours':
      return {
        en: `Quiet hours (rule ${answer.ruleId}) until ${when}.`,
        zh: `免打扰时段(规则 ${answer.ruleId}),${when} 后可发。`,
      };
    case 'after_deadline':
      return {
        en: `Not allowed before ${when}, which is after the deadline (rule ${answer.ruleId}).`,
        zh: `${when} 之前不可发,已超过截止时间(规则 ${answer.ruleId})。`,
      };
    case 'slots_held':
      return {
        en: `What is left is kept for a promotion: ${cap.en}. Free at ${when}.`,
        zh: `剩余名额为大促保留:${cap.zh}。${when} 后可发。`,
      };
    case 'takes_reservation':
      return {
        en: `Goes first: ${takes === 1 ? '1 reservation of lower priority gives up its slot' : `${takes} reservations of lower priority give up their slots`} (rule ${answer.ruleId}).`,
        zh: `优先发送:${takes} 条低优先级的预留让出名额(规则 ${answer.ruleId})。`,
      };
    case 'budget_spent': {
      const budget = learned?.budget === undefined ? { en: '', zh: '' } : budgetWords(learned.budget);
      return {
        en: `The budget of this person is spent: ${cap.en}. ${budget.en} Free at ${when}.`,
        zh: `该用户的额度已用完:${cap.zh}。${budget.zh}${when} 后可发。`,
      };
    }
    case 'better_hour': {
      const hour = state?.kind === 'good_hour' ? goodHourWords(state.answer) : { en: '', zh: '' };
      return { en: `${hour.en} Free at ${when}.`, zh: `${hour.zh}${when} 后可发。` };
    }
    case 'never_open':
      return {
        en: `Quiet hours leave no moment of the day (rule ${answer.ruleId}).`,
        zh: `免打扰时段覆盖全天(规则 ${answer.ruleId})。`,
      };
  }
}

const OPT_OUT_ZH: Readonly<Record<ConsentMark['outcome'], string>> = {
  muted: '设为免打扰',
  blocked: '拉黑',
  complained: '投诉',
  unsubscribed: '退订',
  resubscribed: '重新订阅',
};

function capWords(
  { used, held, heldFor, cap, ruleId, rule }: Extract<RuleState, { kind: 'cap' }>,
  learned: LearnedRules | undefined,
): TouchWords {
  if (ruleId === TOLERANCE_RULE_ID && learned?.budget !== undefined) {
    const perDay = learned.budget.shopBudgetPerDay.toFixed(2);
    return {
      en: `the learned ${perDay} a day, ${used} of ${cap} used`,
      zh: `学习得到的额度(每天 ${perDay} 条,上限 ${cap} 条,已用 ${used} 条)`,
    };
  }
  const span = spanWords(rule.window);
  const promotions = heldFor.join(', ');
  const [kept, keptZh] =
    held === 0 ? ['', ''] : [` and ${held} kept for ${promotions}`, `,为 ${promotions} 保留 ${held} 条`];
  return {
    en: `${ruleId}, ${used} of ${cap} used${kept} per ${span.en}`,
    zh: `${ruleId}(每${span.zh} ${cap} 条,已用 ${used} 条${keptZh})`,
  };
}

const UNIT_ZH: Readonly<Record<CalendarUnit, string>> = { day: '自然日', week: '自然周', month: '自然月' };

function spanWords(window: CapWindow): TouchWords {
  if (window.kind === 'calendar') return { en: `calendar ${window.unit}`, zh: UNIT_ZH[window.unit] };
  return lengthWords(window.windowMs);
}

/** To the minute above, so that the words never promise a time that is too early. */
function localTime(timezone: string, atMs: EpochMs): string {
  const wall = wallTime(timezone, Math.ceil(atMs / MINUTE_MS) * MINUTE_MS);
  return `${new Date(wall).toISOString().slice(0, 16).replace('T', ' ')} (${timezone})`;
}
