import type { GoodHour } from './goodHour.js';
import type { BudgetFigures } from './learnedRules.js';
import type { Tolerance } from './tolerance.js';
import type { TouchWords } from './touchWords.js';

/** The learned budget in words, with the figures that it was made of. */
export function toleranceWords(tolerance: Tolerance): TouchWords {
  const perDay = tolerance.budgetPerDay.toFixed(2);
  if (tolerance.isCold) {
    return {
      en: `Nothing was sent yet: the default of ${perDay} a day holds.`,
      zh: `尚未触达过:采用默认额度,每天 ${perDay} 条。`,
    };
  }
  const sends = tolerance.sends.toFixed(1);
  const opens = tolerance.opens.toFixed(1);
  const negatives = (tolerance.softNegatives + tolerance.unsubscribes).toFixed(1);
  const open = percent(tolerance.openRatio);
  const floor = floorWords(tolerance.floorRatio);
  return {
    en: `Learned budget ${perDay} a day: of ${sends} sends (fading, half-life 28 d) ${opens} were opened, ${negatives} turned down; a message is opened with ${open} and ${floor.en}.`,
    zh: `学习得到的额度为每天 ${perDay} 条:近期触达 ${sends} 次(28 天半衰),打开 ${opens} 次,负反馈 ${negatives} 次;预计打开率 ${open},${floor.zh}。`,
  };
}

/** The budget as it holds for the message: with what the shop that writes makes of it (C3). */
export function budgetWords(figures: BudgetFigures): TouchWords {
  const words = toleranceWords(figures);
  if (figures.shop === undefined) return words;
  const factor = (figures.shopBudgetPerDay / figures.budgetPerDay).toFixed(2);
  return {
    en: `${words.en} For this shop it is taken ${factor} times.`,
    zh: `${words.zh}对该店铺按 ${factor} 倍计。`,
  };
}

/** The good hour in words. Hours are the person's own. */
export function goodHourWords(answer: GoodHour): TouchWords {
  const { verdict, hour, bestHour, openRatio = 0, bestOpenRatio = 0 } = answer;
  if (verdict === 'no_choice' || hour === undefined || bestHour === undefined) {
    return { en: 'No hour is left to choose from.', zh: '没有可选的时段。' };
  }
  const [chosen, best] = [clock(hour), clock(bestHour)];
  const [ratio, bestRatio] = [percent(openRatio), percent(bestOpenRatio)];
  if (answer.explored) {
    return {
      en: `One of the few messages that try another hour: ${chosen} (opened with ${ratio}; ${best} with ${bestRatio}).`,
      zh: `少量用于探索时段的消息:${chosen}(打开率 ${ratio};${best} 为 ${bestRatio})。`,
    };
  }
  return verdict === 'now'
    ? {
        en: `A good hour: ${chosen} is opened with ${ratio}, the best (${best}) with ${bestRatio}.`,
        zh: `当前时段合适:${chosen} 打开率 ${ratio},最佳时段 ${best} 为 ${bestRatio}。`,
      }
    : {
        en: `Waits for ${chosen}, which is opened with ${ratio}; the best hour that it can wait for is ${best} with ${bestRatio}.`,
        zh: `等到 ${chosen},打开率 ${ratio};可等待的最佳时段 ${best} 为 ${bestRatio}。`,
      };
}

/** From which share of opens a message is worth its risk; that may be more than there can be. */
function floorWords(floorRatio: number): TouchWords {
  if (floorRatio > 1) return { en: 'no share of opens would be worth its risk', zh: '任何打开率都不值得发' };
  const floor = percent(floorRatio);
  return { en: `is worth its risk from ${floor}`, zh: `高于 ${floor} 才值得发` };
}

function percent(ratio: number): string {
  return `${(100 * ratio).toFixed(1)} %`;
}

function clock(hour: number): string {
  return `${String(hour).padStart(2, '0')}:00`;
}
