import type { EpochMs } from '../core/time.js';
import { type TouchWords, utcWords } from './plainWords.js';
import type { TouchReason } from './touch.js';

/**
 * The reason of a decision that the ledger kept, in words. How full the caps were is not in the ledger;
 * the rule is, and the policy of that version says the rest.
 */
export function historyWords({
  ruleId,
  reason,
  notBeforeMs,
}: {
  ruleId: string;
  reason: TouchReason;
  notBeforeMs: EpochMs | undefined;
}): TouchWords {
  const open =
    notBeforeMs === undefined
      ? { en: '', zh: '' }
      : { en: ` Open from ${utcWords(notBeforeMs)}.`, zh: `${utcWords(notBeforeMs)} 起可发。` };
  switch (reason) {
    case 'within_caps':
      return ruleId === 'no_rule'
        ? { en: 'No cap applied.', zh: '没有适用的频次规则。' }
        : {
            en: `Within every cap; the tightest was rule ${ruleId}.`,
            zh: `未超出任何上限;最紧的是规则 ${ruleId}。`,
          };
    case 'bypass':
      return {
        en: `This kind of message bypassed rule ${ruleId}.`,
        zh: `此类消息不受规则 ${ruleId} 限制。`,
      };
    case 'left_alone':
      return { en: 'The person had asked to be left alone.', zh: '用户已要求不再打扰。' };
    case 'forbidden':
      return { en: `Rule ${ruleId} forbade this touch.`, zh: `规则 ${ruleId} 禁止此触达。` };
    case 'cap_reached':
      return {
        en: `The cap of rule ${ruleId} was reached.${open.en}`,
        zh: `规则 ${ruleId} 已达上限。${open.zh}`,
      };
    case 'min_gap':
      return {
        en: `Too soon after the touch before (rule ${ruleId}).${open.en}`,
        zh: `距上次触达太近(规则 ${ruleId})。${open.zh}`,
      };
    case 'quiet_hours':
      return { en: `Quiet hours (rule ${ruleId}).${open.en}`, zh: `免打扰时段(规则 ${ruleId})。${open.zh}` };
    case 'after_deadline':
      return {
        en: `Not allowed before the deadline (rule ${ruleId}).${open.en}`,
        zh: `截止时间之前不可发(规则 ${ruleId})。${open.zh}`,
      };
    case 'slots_held':
      return {
        en: `What was left of rule ${ruleId} was kept for a promotion.${open.en}`,
        zh: `规则 ${ruleId} 剩余名额为大促保留。${open.zh}`,
      };
    case 'takes_reservation':
      return {
        en: `Went first: reservations of lower priority gave up their slots (rule ${ruleId}).`,
        zh: `优先发送:低优先级的预留让出了名额(规则 ${ruleId})。`,
      };
    case 'budget_spent':
      return {
        en: `The learned budget of the person was spent.${open.en}`,
        zh: `该用户学习得到的额度已用完。${open.zh}`,
      };
    case 'better_hour':
      return {
        en: `A better hour of the person's day was still to come.${open.en}`,
        zh: `当天还有更合适的时段。${open.zh}`,
      };
    case 'never_open':
      return {
        en: `Quiet hours left no moment of the day (rule ${ruleId}).`,
        zh: `免打扰时段覆盖全天(规则 ${ruleId})。`,
      };
  }
}
