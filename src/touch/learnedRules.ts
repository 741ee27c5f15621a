import type { EpochMs } from '../core/time.js';
import { type DayPart, dayPart } from './dayPart.js';
import { exploredHour } from './goodHour.js';
import type { Habits } from './habits.js';
import { type HabitsCourse, UNKNOWN_HABITS } from './habitsCourse.js';
import { HOURS_OF_DAY, type HourProfile, hourProfile } from './hourProfile.js';
import {
  type LearnedPerson,
  learnedAtMs,
  learnedBudget,
  learnedCounts,
  learnedHours,
} from './learnedPerson.js';
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
  readonly habits: HabitsCourse;
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
  readonly hours?: HourRule;
}

/** A person's hours as a rule, until others hold. */
export interface HourRule extends HourFigures {
  /** The hour that this reservation tries. */
  readonly explore?: number;
  readonly shadow: boolean;
  /** Known to hold from a later moment on, without anything happening to the person. */
  readonly later?: { readonly fromMs: EpochMs; readonly hours: HourRule };
}

/** Where a budget begins of people of whom something is known, if the operator has no default. */
export const START_PER_DAY = 1;

const NOTHING_SENT = { sends: 0, opens: 0, softNegatives: 0, unsubscribes: 0 };
const NO_ACTIVITY = new Array<number>(HOURS_OF_DAY).fill(0);

/**
 * What was learned of a person as rules for one message; undefined where the policy learns nothing for
 * its kind. They follow from what happened alone, so that `not_before` stays exact: the habits, too, are
 * those of the day of the last thing that happened. Of somebody to whom nothing did there is no such day; they
 * go by the habits in force, and by those that will be as soon as they are (`HourRule.later`).
 */
export function learnedRules(
  learned: LearnedPerson | undefined,
  {
    content,
    policy,
    facts = { habits: UNKNOWN_HABITS },
    requestId,
    nowMs,
  }: {
    content: TouchContent;
    policy: TouchPolicy;
    facts?: LearningFacts;
    /** Of a reservation: some of them try another hour. */
    requestId?: string;
    nowMs: EpochMs;
  },
): LearnedRules | undefined {
  const { learning } = policy;
  if (learning === undefined || !isLearnedKind(policy, content.campaignType)) return undefined;
  const budgetPerDay = learned === undefined ? learning.budget?.defaultPerDay : learnedBudget(learned);
  const counts = learned === undefined ? NOTHING_SENT : learnedCounts(learned);
  const toleranceBy = (habits: Habits) =>
    toleranceOf(budgetPerDay ?? START_PER_DAY, counts, toleranceContext(learning, habits));
  const { goodHour } = learning;
  const hoursBy = (habits: Habits) =>
    goodHour && hourRule(learned, { ...goodHour, tolerance: toleranceBy(habits), habits, requestId });

  const habits = facts.habits.at(learned === undefined ? nowMs : learnedAtMs(learned));
  const hours = learned === undefined ? hoursFrom(nowMs, facts.habits, hoursBy) : hoursBy(habits);
  return {
    ...(learning.budget !== undefined &&
      budgetPerDay !== undefined && {
        budget: budgetRule(toleranceBy(habits), { shadow: learning.budget.shadow, habits, shop: facts.shop }),
      }),
    ...(hours !== undefined && { hours }),
  };
}

/** The hours of somebody who goes by the habits in force, and by what is known to come. */
function hoursFrom(
  fromMs: EpochMs,
  course: HabitsCourse,
  hoursBy: (habits: Habits) => HourRule | undefined,
): HourRule | undefined {
  const now = hoursBy(course.at(fromMs));
  const nextMs = course.nextAfter(fromMs);
  const hours = nextMs === undefined ? undefined : hoursFrom(nextMs, course, hoursBy);
  if (now === undefined || nextMs === undefined || hours === undefined) return now;
  return { ...now, later: { fromMs: nextMs, hours } };
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
  { shadow, habits, shop }: { shadow: boolean; habits: Habits; shop: ShopAffinity | undefined },
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
): HourRule {
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
