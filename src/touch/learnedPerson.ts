import { DAY_MS, type EpochMs } from '../core/time.js';
import type { HourCounts, HourState } from './hourProfile.js';
import { HOURS_OF_DAY, readHours } from './hourProfile.js';
import type { AnswerCounts } from './segmentPrior.js';
import { BUDGET_BOUNDS, countsOf, type ToleranceState } from './tolerance.js';

/**
 * What was learned of a person, in whole numbers so small that it fits beside their touches: 9 bytes and
 * one for each hour, 15 at most. Every server keeps and decides by these numbers and by nothing finer, so that all
 * answer alike. All figures are as of the last thing that happened: what is decided by them changes
 * when something happens, never by time going by.
 */
export interface LearnedPerson {
  /** 0–255, from the lowest budget to the highest on a log scale: steps of 1.3 %. */
  readonly budgetLevel: number;
  /** The day of the last signal, 0–65,535 since `FIRST_DAY_MS`. */
  readonly day: number;
  /** Counters (`countLevel`): 0–255, steps of 3 %. */
  readonly sendsLevel: number;
  readonly opensLevel: number;
  /** 0–15, steps of 28 %: they are few. */
  readonly softNegativesLevel: number;
  readonly unsubscribesLevel: number;
  /** The hours that tell most, at most `HOURS_KEPT`, by hour. */
  readonly hours: readonly LearnedHour[];
}

export interface LearnedHour {
  /** 0–23, by the wall. */
  readonly hour: number;
  /** Sends, 1–15, as `softNegativesLevel`. */
  readonly sendsLevel: number;
  /** Opens over sends, in fifteenths. */
  readonly openedFifteenths: number;
}

/** Hours of the day that are remembered; who gets messages at more of them is seen as others are there. */
export const HOURS_KEPT = 6;
export const MAX_LEVEL = 255;
export const MAX_SMALL_LEVEL = 15;
export const MAX_DAY = 65_535;

const FIRST_DAY_MS = Date.UTC(2020, 0);
const LEVELS_A_LOG = 32;
const SMALL_LEVELS_A_LOG = 4;
const BUDGET_SPAN = Math.log(BUDGET_BOUNDS.maxPerDay / BUDGET_BOUNDS.minPerDay);

/** What is kept of folded states; undefined of a person about whom there is nothing to know. */
export function learnedPerson(tolerance: ToleranceState, hours: HourState): LearnedPerson | undefined {
  const { atMs, budgetPerDay } = tolerance;
  if (!Number.isFinite(atMs)) return undefined;
  const { sends, opens, softNegatives, unsubscribes } = countsOf(tolerance, atMs);
  const above = Math.log(budgetPerDay / BUDGET_BOUNDS.minPerDay) / BUDGET_SPAN;
  return {
    budgetLevel: bounded(above * MAX_LEVEL, MAX_LEVEL),
    day: bounded(Math.floor((atMs - FIRST_DAY_MS) / DAY_MS), MAX_DAY),
    sendsLevel: countLevel(sends),
    opensLevel: countLevel(opens),
    softNegativesLevel: smallLevel(softNegatives),
    unsubscribesLevel: smallLevel(unsubscribes),
    hours: tellingHours(readHours(hours, atMs)),
  };
}

/** The budget, messages a day. */
export function learnedBudget({ budgetLevel }: LearnedPerson): number {
  return BUDGET_BOUNDS.minPerDay * Math.exp((budgetLevel / MAX_LEVEL) * BUDGET_SPAN);
}

/** The beginning of the day, by UTC, as of which the figures are. */
export function learnedAtMs({ day }: LearnedPerson): EpochMs {
  return FIRST_DAY_MS + day * DAY_MS;
}

/** The faded counts behind the budget. */
export function learnedCounts(learned: LearnedPerson): AnswerCounts {
  return {
    sends: countOf(learned.sendsLevel),
    opens: countOf(learned.opensLevel),
    softNegatives: smallCountOf(learned.softNegativesLevel),
    unsubscribes: smallCountOf(learned.unsubscribesLevel),
  };
}

/** Sends and opens by local hour; 0 for hours that are not remembered. */
export function learnedHours({ hours }: Pick<LearnedPerson, 'hours'>): HourCounts {
  const sends = new Array<number>(HOURS_OF_DAY).fill(0);
  const opens = new Array<number>(HOURS_OF_DAY).fill(0);
  for (const { hour, sendsLevel, openedFifteenths } of hours) {
    sends[hour] = smallCountOf(sendsLevel);
    opens[hour] = (smallCountOf(sendsLevel) * openedFifteenths) / MAX_SMALL_LEVEL;
  }
  return { sends, opens };
}

/** Of hours with messages, those whose opens are furthest from what the person's mean leads to. */
function tellingHours({ sends, opens }: HourCounts): LearnedHour[] {
  const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0);
  const ratio = sum(opens) / sum(sends);
  const surprise = ({ hour }: LearnedHour) => Math.abs((opens[hour] ?? 0) - ratio * (sends[hour] ?? 0));
  return sends
    .map((count, hour) => ({
      hour,
      sendsLevel: smallLevel(count),
      openedFifteenths:
        count > 0 ? bounded(((opens[hour] ?? 0) / count) * MAX_SMALL_LEVEL, MAX_SMALL_LEVEL) : 0,
    }))
    .filter(({ sendsLevel }) => sendsLevel > 0)
    .sort((a, b) => surprise(b) - surprise(a) || a.hour - b.hour)
    .slice(0, HOURS_KEPT)
    .sort((a, b) => a.hour - b.hour);
}

function countLevel(count: number): number {
  return bounded(Math.log1p(count) * LEVELS_A_LOG, MAX_LEVEL);
}

function countOf(level: number): number {
  return Math.expm1(level / LEVELS_A_LOG);
}

function smallLevel(count: number): number {
  return bounded(Math.log1p(count) * SMALL_LEVELS_A_LOG, MAX_SMALL_LEVEL);
}

function smallCountOf(level: number): number {
  return Math.expm1(level / SMALL_LEVELS_A_LOG);
}

function bounded(value: number, max: number): number {
  return Math.min(max, Math.max(0, Math.round(value)));
}
