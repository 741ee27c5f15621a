import { DAY_MS, type EpochMs } from '../../src/core/time.js';
import { exploredHour, goodHour, MAX_EXPLORED_RATIO } from '../../src/touch/goodHour.js';
import { countHour, emptyHours, hourProfile, readHours } from '../../src/touch/hourProfile.js';
import type { SegmentPrior } from '../../src/touch/segmentPrior.js';
import {
  coldTolerance,
  readTolerance,
  stepTolerance,
  type ToleranceState,
} from '../../src/touch/tolerance.js';
import type { ToleranceSignalKind } from '../../src/touch/toleranceSignals.js';
import { answerOdds, curveAt, type HiddenPerson } from './hiddenPerson.js';

/** A message that a policy sent, as far as it can know it. */
export interface SentMessage {
  readonly sentAtMs: EpochMs;
  openedAtMs?: EpochMs;
}

/** What all people so far have shown, for those policies that learn. */
export interface Population {
  readonly prior: SegmentPrior;
  readonly openCurve: readonly number[];
}

/** How one person is treated. */
export interface Treatment {
  /** The budget now, messages a day. */
  budgetPerDay(): number;
  /** When to send what is asked for now. */
  sendAtMs(request: { nowMs: EpochMs; deadlineMs: EpochMs; requestId: string }): EpochMs;
  told(kind: ToleranceSignalKind, atMs: EpochMs): void;
  /** Of learning policies: what was learned, for the population's prior. */
  readonly state?: ToleranceState;
}

export interface TreatmentInput {
  readonly person: HiddenPerson;
  readonly population: () => Population;
  readonly sent: readonly SentMessage[];
  readonly unsubscribeCost: number;
  readonly days: number;
}

export interface SimulatedPolicy {
  readonly name: string;
  treat(input: TreatmentInput): Treatment;
}

const QUIET = [{ startMinute: 23 * 60, endMinute: 7 * 60 }];
/** The operator's default for cold people, the same for every learning policy. */
export const DEFAULT_PER_DAY = 0.5;

type Hour = 'asked' | 'good';

/** One cap for everybody, spent by the same pace as a learned budget. */
export function fixedCap(perDay: number, hour: Hour): SimulatedPolicy {
  return {
    name: `fixed ${perDay.toFixed(2)}/day${hour === 'good' ? ' + good hour' : ''}`,
    treat: (input) => ({
      budgetPerDay: () => perDay,
      sendAtMs: hour === 'good' ? learnedHour(input, () => input.population().prior.openRatio) : atOnce,
      told: () => {},
    }),
  };
}

export function learnedBudget(hour: Hour): SimulatedPolicy {
  return {
    name: `learned budget${hour === 'good' ? ' + good hour' : ''}`,
    treat: (input) => learn(input, hour),
  };
}

function learn(input: TreatmentInput, hour: Hour): Treatment {
  const context = () => ({
    prior: input.population().prior,
    defaultPerDay: DEFAULT_PER_DAY,
    unsubscribeCost: input.unsubscribeCost,
  });
  let state = coldTolerance(context());
  return {
    budgetPerDay: () => state.budgetPerDay,
    sendAtMs:
      hour === 'good'
        ? learnedHour(input, (nowMs) => readTolerance(state, context(), nowMs).openRatio)
        : atOnce,
    told: (kind, atMs) => {
      state = stepTolerance(state, { kind, atMs, touchId: '' }, context());
    },
    get state() {
      return state;
    },
  };
}

function atOnce({ nowMs }: { nowMs: EpochMs }): EpochMs {
  return nowMs;
}

function learnedHour(
  { person, population, sent }: TreatmentInput,
  openRatioAt: (nowMs: EpochMs) => number,
): Treatment['sendAtMs'] {
  const hours = emptyHours();
  let counted = 0;
  return ({ nowMs, deadlineMs, requestId }) => {
    for (const { sentAtMs, openedAtMs } of sent.slice(counted)) {
      countHour(hours, 'sends', { sentAtMs, timezone: 'UTC' });
      if (openedAtMs !== undefined) countHour(hours, 'opens', { sentAtMs, timezone: 'UTC' });
    }
    counted = sent.length;
    const profile = hourProfile(readHours(hours, nowMs), {
      populationCurve: population().openCurve,
      activity: person.activity,
      openRatio: openRatioAt(nowMs),
    });
    const explore = exploredHour(profile, { requestId, exploredRatio: MAX_EXPLORED_RATIO });
    return goodHour({
      profile,
      timezone: 'UTC',
      nowMs,
      deadlineMs,
      quiet: QUIET,
      ...(explore !== undefined && { explore }),
    }).sendAtMs;
  };
}

/** Knows the person: the steady rate of the highest expected net value, at the best hour. */
export const oracle: SimulatedPolicy = {
  name: 'oracle',
  treat: (input) => {
    const profile = {
      openRatio: Array.from({ length: 24 }, (_, hour) => curveAt(input.person, hour)),
    };
    const perDay = bestRate(input);
    return {
      budgetPerDay: () => perDay,
      sendAtMs: (request) => goodHour({ ...request, profile, timezone: 'UTC', quiet: QUIET }).sendAtMs,
      told: () => {},
    };
  },
};

const ORACLE_RATES = Array.from({ length: 40 }, (_, i) => 0.02 * 1.145 ** i).filter((rate) => rate <= 4);

/** In closed form: messages until somebody leaves are geometric, cut off at the horizon's end. */
function bestRate({ person, unsubscribeCost, days }: TreatmentInput): number {
  const hour = Math.min(22, Math.max(7, Math.floor(person.peakHour)));
  let best = { perDay: 1e-6, value: 0 };
  for (const perDay of ORACLE_RATES) {
    const { open, leave } = answerOdds(person, { pressure: perDay / person.tolerancePerDay, hour });
    const messages = (1 - (1 - leave) ** (perDay * days)) / leave;
    const value = messages * (open - leave * unsubscribeCost);
    if (value > best.value) best = { perDay, value };
  }
  return best.perDay;
}

/** Horizon of one request: what was not sent by then is worthless. */
export const DEADLINE_MS = DAY_MS;
