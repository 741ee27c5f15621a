import { type DayPart, dayPart } from './dayPart.js';
import { exploredHour } from './goodHour.js';
import { DEFAULT_HABITS, type Habits } from './habits.js';
import { HOURS_OF_DAY, type HourProfile, hourProfile } from './hourProfile.js';
import { type LearnedPerson, learnedBudget, learnedCounts, learnedHours } from './learnedPerson.js';
import { isLearnedKind, type LearningPolicy } from './learningPolicy.js';
import { DEFAULT_UNSUBSCRIBE_COST, type Tolerance, type ToleranceContext, toleranceOf } from './tolerance.js';
import { shopBudget, toleranceCap } from './tolerancePace.js';
import type { TouchContent } from './touch.js';
import type { CapRule, TouchPolicy } from './touchPolicy.js';

/** How much a person cares for a shop, against the mean of the shops that they care for; both ≥ 0. */
export interface ShopAffinity {
  readonly affinity: number;
  readonly meanAffinity: number;
}

/** What learning looks at besides the person's log. */
export interface LearningFacts {
  readonly habits: Habits;
  /** To the shop that writes; absent when no shop does, or the person cares for none. */
  readonly shop?: ShopAffinity;
}

/** A budget, and what it was made of. */
export interface BudgetFigures extends Tolerance {
  /** Messages a day that this message is measured against: the budget, scaled for the shop that writes. */
  readonly shopBudgetPerDay: number;
  readonly shop?: ShopAffinity;
  readonly habits: Habits;
}

/** What is known of a person's hours. */
export interface HourFigures {
  readonly profile: HourProfile;
  /** Where the difference is beyond doubt. */
  readonly dayPart?: DayPart;
  readonly habits: Habits;
}

/** The rules that hold for one person alone. */
export interface LearnedRules {
  readonly budget?: BudgetFigures & { readonly rule: CapRule };
  readonly hours?: HourFigures & {
    /** The hour that this reservation tries. */
    readonly explore?: number;
    readonly shadow: boolean;
  };
}

/** Where a budget begins of people of whom something is known, if the operator has no default. */
export const START_PER_DAY = 1;

const NOTHING_SENT = { sends: 0, opens: 0, softNegatives: 0, unsubscribes: 0 };
const NO_ACTIVITY = new Array<number>(HOURS_OF_DAY).fill(0);

/**
 * What was learned of a person as rules for one message; undefined where the policy learns nothing for
 * its kind. They follow from what happened alone: time going by changes none of them, so that `not_before`
 * stays exact.
 */
export function learnedRules(
  learned: LearnedPerson | undefined,
  {
    content,
    policy,
    facts = { habits: DEFAULT_HABITS },
    requestId,
  }: {
    content: TouchContent;
    policy: TouchPolicy;
    facts?: LearningFacts;
    /** Of a reservation: some of them try another hour. */
    requestId?: string;
  },
): LearnedRules | undefined {
  const { learning } = policy;
  if (learning === undefined || !isLearnedKind(policy, content.campaignType)) return undefined;
  const budgetPerDay = learned === undefined ? learning.budget?.defaultPerDay : learnedBudget(learned);
  const tolerance = toleranceOf(
    budgetPerDay ?? START_PER_DAY,
    learned === undefined ? NOTHING_SENT : learnedCounts(learned),
    toleranceContext(learning, facts.habits),
  );
  return {
    ...(learning.budget !== undefined &&
      budgetPerDay !== undefined && {
        budget: budgetRule(tolerance, { shadow: learning.budget.shadow, facts }),
      }),
    ...(learning.goodHour !== undefined && {
      hours: hourRule(learned, { ...learning.goodHour, tolerance, habits: facts.habits, requestId }),
    }),
  };
}

/** What the operator and the person's kind say of the worth of a message. */
export function toleranceContext(
  { budget }: LearningPolicy,
  { prior }: Pick<Habits, 'prior'>,
): ToleranceContext {
  return {
    prior,
    defaultPerDay: budget?.defaultPerDay ?? START_PER_DAY,
    unsubscribeCost: budget?.unsubscribeCost ?? DEFAULT_UNSUBSCRIBE_COST,
  };
}

function budgetRule(
  tolerance: Tolerance,
  { shadow, facts: { habits, shop } }: { shadow: boolean; facts: LearningFacts },
): LearnedRules['budget'] {
  const shopBudgetPerDay = shopBudget({ budgetPerDay: tolerance.budgetPerDay, ...shop });
  return {
    ...tolerance,
    shopBudgetPerDay,
    ...(shop !== undefined && { shop }),
    habits,
    rule: { ...toleranceCap(shopBudgetPerDay), shadow },
  };
}

function hourRule(
  learned: LearnedPerson | undefined,
  {
    tolerance,
    habits,
    shadow,
    exploredRatio,
    requestId,
  }: {
    tolerance: Tolerance;
    habits: Habits;
    shadow: boolean;
    exploredRatio: number;
    requestId: string | undefined;
  },
): LearnedRules['hours'] {
  const counts = learnedHours(learned ?? { hours: [] });
  const profile = hourProfile(counts, {
    populationCurve: habits.openCurve,
    activity: NO_ACTIVITY,
    openRatio: tolerance.openRatio,
  });
  const explore = requestId === undefined ? undefined : exploredHour(profile, { requestId, exploredRatio });
  const { dayPart: half } = dayPart(counts);
  return {
    profile,
    habits,
    shadow,
    ...(half !== undefined && { dayPart: half }),
    ...(explore !== undefined && { explore }),
  };
}
