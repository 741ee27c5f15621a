import type { Language } from '../../core/vocabulary.js';
import type {
  GoodHour as WireGoodHour,
  SegmentHabits as WireHabits,
  LearnedBudget as WireLearnedBudget,
} from '../../gen/tagrank/v1/touch.js';
import type { GoodHourState } from '../../touch/goodHourState.js';
import type { Habits } from '../../touch/habits.js';
import type { BudgetFigures } from '../../touch/learnedRules.js';
import { budgetWords, goodHourWords } from '../../touch/learnedWords.js';
import { toTimestamp } from './scalars.js';

export function fromBudget(figures: BudgetFigures, language: Language): WireLearnedBudget {
  const { shop } = figures;
  return {
    budgetPerDay: figures.budgetPerDay,
    shopBudgetPerDay: figures.shopBudgetPerDay,
    cold: figures.isCold,
    sends: figures.sends,
    opens: figures.opens,
    softNegatives: figures.softNegatives,
    unsubscribes: figures.unsubscribes,
    openRatio: figures.openRatio,
    floorRatio: figures.floorRatio,
    riskRatio: figures.riskRatio,
    negativeZ: figures.negativeZ,
    nextSend: figures.nextSend,
    shopAffinity: shop === undefined ? undefined : shop.affinity / shop.meanAffinity,
    habits: fromHabits(figures.habits),
    reason: budgetWords(figures)[language],
  };
}

export function fromGoodHour({ answer, hours }: GoodHourState, language: Language): WireGoodHour {
  const { hour, bestHour, openRatio = 0, bestOpenRatio = 0 } = answer;
  return {
    hour,
    bestHour,
    openRatio,
    bestOpenRatio,
    sendAt: toTimestamp(answer.sendAtMs),
    explored: answer.explored,
    sends: hour === undefined ? 0 : (hours.profile.sends[hour] ?? 0),
    opens: hour === undefined ? 0 : (hours.profile.opens[hour] ?? 0),
    dayPart: hours.dayPart ?? '',
    reason: goodHourWords(answer)[language],
  };
}

function fromHabits({ segment, people, prior }: Habits): WireHabits {
  const { openRatio, openStrength, softNegativeRatio, unsubscribeRatio } = prior;
  return { segment, people: BigInt(people), openRatio, openStrength, softNegativeRatio, unsubscribeRatio };
}
