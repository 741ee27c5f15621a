import type { WindowMs } from '../core/time.js';
import type { Attribution } from './attribution.js';
import { lengthWords, type TouchWords, utcWords } from './plainWords.js';
import type { ReachedTouch } from './reachedTouches.js';

/** Whose an order is and why, for a person to read. */
export function attributionWords(
  found: Attribution,
  { shopId, windowMs }: { shopId: string | undefined; windowMs: WindowMs },
): TouchWords {
  const whose =
    shopId === undefined ? { en: 'the platform', zh: '平台' } : { en: shopId, zh: `店铺 ${shopId}` };
  const length = lengthWords(windowMs);
  if (found.reason === 'never_reached') {
    return {
      en: `No message of ${whose.en} had been sent to this person before the order: it belongs to none.`,
      zh: `下单前${whose.zh}未向该用户发送过消息:订单不归属任何触达。`,
    };
  }
  const { first, last } = found;
  const [began, ended] = [utcWords(found.startMs), utcWords(found.endMs)];
  const opener = nameOf(first);
  if (found.reason === 'first_in_window') {
    return {
      en: `${opener.en} reached this person first, at ${began}: orders at ${whose.en} belong to it for ${length.en}, until ${ended}.`,
      zh: `${opener.zh}于 ${began} 最先触达该用户:此后${length.zh}内(至 ${ended})${whose.zh}的订单归属于它。`,
    };
  }
  const since =
    last === first
      ? { en: '', zh: '' }
      : {
          en: ` What was sent within it, last at ${utcWords(last.atMs)}, opened no window.`,
          zh: `窗口内其后的触达(最近一次 ${utcWords(last.atMs)})不开启新窗口。`,
        };
  return {
    en: `The window of ${length.en} that ${inSentence(opener.en)} opened at ${began} was over at ${ended}, before the order: it belongs to none.${since.en}`,
    zh: `${opener.zh}于 ${began} 开启的 ${length.zh}窗口在下单前已于 ${ended} 结束:订单不归属任何触达。${since.zh}`,
  };
}

/** Of a name that begins a sentence otherwise. */
function inSentence(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}

function nameOf({ channel, campaignId }: ReachedTouch): TouchWords {
  return campaignId === undefined
    ? { en: `A message by ${channel}`, zh: `${channel} 消息` }
    : { en: `Campaign ${campaignId} by ${channel}`, zh: `活动 ${campaignId}(${channel})` };
}
