import { addDecayed, type DecayedSum, emptySum, readDecayed } from '../core/decay.js';
import { DAY_MS, type EpochMs, halfLife } from '../core/time.js';
import type { AnswerCounts, SegmentPrior } from './segmentPrior.js';
import { bySignalOrder, type ToleranceSignal } from './toleranceSignals.js';

/** Messages a day that a budget may come to, whatever a person does. Caps stand beside it, never below. */
export const BUDGET_BOUNDS = { minPerDay: 1 / 7, maxPerDay: 4 } as const;

const HALF_LIFE_MS = halfLife(28 * DAY_MS);

/** Up slowly, down fast: additive probing of the rate lost half of all people in simulation. */
const GOOD_SEND = 1.02;
const NEGATIVES_RUN_HIGH = 0.94;
const EACH_NEGATIVE = 0.85;

/** Below this z the negatives are what the segment's are; above the other they are more. */
const CALM_Z = 0.5;
const HIGH_Z = 1;

/**
 * Where risk rises with the square of the rate, a rate is best when the average message earns three
 * times what it risks (d/db of `b·p − b·h·L` with `h = c·b²` is 0 at `p = 3·h·L`).
 */
const WORTH_ITS_RISK = 3;
/**
 * Where nobody ever unsubscribes, good is what is better than the segment's. So a budget grows only on
 * evidence, and who opens nothing gets less once their own sends outweigh the segment's.
 */
const LEAST_FLOOR_OF_SEGMENT = 1;
/** Sends that the segment's negative ratio is worth beside a person's own. */
const NEGATIVE_STRENGTH = 8;

/** What the operator and the segment say; the same for many people. */
export interface ToleranceContext {
  readonly prior: SegmentPrior;
  /** The operator's budget for people of whom nothing is known. Kept within `BUDGET_BOUNDS`. */
  readonly defaultPerDay: number;
  /** What losing a person costs, in opens. */
  readonly unsubscribeCost: number;
}

/** How many opens an unsubscribe is taken to cost unless the operator says otherwise. */
export const DEFAULT_UNSUBSCRIBE_COST = 60;

/** What was learned of a person so far. Plain data; `atMs` is the last signal's time. */
export interface ToleranceState {
  readonly budgetPerDay: number;
  readonly atMs: EpochMs;
  readonly sends: DecayedSum;
  readonly opens: DecayedSum;
  readonly softNegatives: DecayedSum;
  readonly unsubscribes: DecayedSum;
}

/** A budget and what it was made of, all as of one moment: the answer's explanation. */
export interface Tolerance extends AnswerCounts {
  readonly budgetPerDay: number;
  /** Nothing was ever sent: the budget is the operator's default. */
  readonly isCold: boolean;
  /** Opens over sends, drawn to the segment's. */
  readonly openRatio: number;
  /** Standard deviations by which the negatives exceed what the segment's ratio leads to. */
  readonly negativeZ: number;
  /** Unsubscribes to be expected of one send. */
  readonly riskRatio: number;
  /** The open ratio at which a message is worth its risk. */
  readonly floorRatio: number;
  /** What the next send does to the budget if nothing else happens. */
  readonly nextSend: 'raises' | 'keeps' | 'lowers';
}

/**
 * The state after all signals, which may come in any order: they are taken by their own time
 * (`bySignalOrder`), so a person's state is a function of the *set* of what happened to them. An
 * outcome that arrives late is not squeezed in: whoever keeps a state as a checkpoint may step on
 * from it only with signals after `atMs`, and folds anew from the person's ledger entries
 * otherwise. Repeats must have been taken out before (`learnedFrom`).
 *
 * It never depends on chance: exploration, where there is any, is of the hour (`exploredHour`).
 */
export function foldTolerance(
  signals: readonly ToleranceSignal[],
  context: ToleranceContext,
): ToleranceState {
  return [...signals]
    .sort(bySignalOrder)
    .reduce((state, signal) => stepTolerance(state, signal, context), coldTolerance(context));
}

export function coldTolerance({ defaultPerDay }: Pick<ToleranceContext, 'defaultPerDay'>): ToleranceState {
  return {
    budgetPerDay: withinBounds(defaultPerDay),
    atMs: Number.NEGATIVE_INFINITY,
    sends: emptySum(),
    opens: emptySum(),
    softNegatives: emptySum(),
    unsubscribes: emptySum(),
  };
}

/**
 * The state after one more signal, which must not lie before `state.atMs`. A send is judged by what
 * was known when it went out, its own answer not included; a negative lowers the budget when it comes.
 * More opens never lead to less, more negatives never to more.
 */
export function stepTolerance(
  state: ToleranceState,
  { kind, atMs }: ToleranceSignal,
  context: ToleranceContext,
): ToleranceState {
  switch (kind) {
    case 'sent':
      return {
        ...state,
        atMs,
        budgetPerDay: withinBounds(state.budgetPerDay * factorOfSend(judge(countsOf(state, atMs), context))),
        sends: withOne(state.sends, atMs),
      };
    case 'opened':
      return { ...state, atMs, opens: withOne(state.opens, atMs) };
    case 'soft_negative':
      return { ...lowered(state, atMs), softNegatives: withOne(state.softNegatives, atMs) };
    case 'unsubscribed':
      // The channel is closed by C8; what others are left get less, as after any negative.
      return { ...lowered(state, atMs), unsubscribes: withOne(state.unsubscribes, atMs) };
  }
}

/** The budget at a moment with all that it was made of. */
export function readTolerance(state: ToleranceState, context: ToleranceContext, nowMs: EpochMs): Tolerance {
  return toleranceOf(state.budgetPerDay, countsOf(state, nowMs), context);
}

/** The same of counts that were read already. */
export function toleranceOf(
  budgetPerDay: number,
  counts: AnswerCounts,
  context: ToleranceContext,
): Tolerance {
  const judged = judge(counts, context);
  const factor = factorOfSend(judged);
  return {
    budgetPerDay,
    isCold: counts.sends === 0,
    ...judged,
    nextSend: factor > 1 ? 'raises' : factor < 1 ? 'lowers' : 'keeps',
  };
}

type Judged = Omit<Tolerance, 'budgetPerDay' | 'isCold' | 'nextSend'>;

/** The faded counts of a state at a moment. */
export function countsOf(state: ToleranceState, atMs: EpochMs): AnswerCounts {
  return {
    sends: readDecayed(state.sends, atMs, HALF_LIFE_MS),
    opens: readDecayed(state.opens, atMs, HALF_LIFE_MS),
    softNegatives: readDecayed(state.softNegatives, atMs, HALF_LIFE_MS),
    unsubscribes: readDecayed(state.unsubscribes, atMs, HALF_LIFE_MS),
  };
}

function judge(counts: AnswerCounts, { prior, unsubscribeCost }: ToleranceContext): Judged {
  const { sends, opens, softNegatives, unsubscribes } = counts;
  const negatives = softNegatives + unsubscribes;
  const expected = prior.softNegativeRatio * sends;
  const negativeRatio =
    (negatives + NEGATIVE_STRENGTH * prior.softNegativeRatio) / (sends + NEGATIVE_STRENGTH);
  // One person's unsubscribes are too rare to count; their soft negatives tell how they compare.
  const riskRatio = Math.min(1, (prior.unsubscribeRatio * negativeRatio) / prior.softNegativeRatio);
  return {
    sends,
    opens,
    softNegatives,
    unsubscribes,
    openRatio: Math.min(1, (opens + prior.openStrength * prior.openRatio) / (sends + prior.openStrength)),
    negativeZ: (negatives - expected) / Math.sqrt(expected + 1),
    riskRatio,
    floorRatio: Math.max(
      LEAST_FLOOR_OF_SEGMENT * prior.openRatio,
      WORTH_ITS_RISK * riskRatio * unsubscribeCost,
    ),
  };
}

function factorOfSend({ openRatio, floorRatio, negativeZ }: Judged): number {
  if (negativeZ > HIGH_Z || openRatio < floorRatio / 2) return NEGATIVES_RUN_HIGH;
  return openRatio > floorRatio && negativeZ < CALM_Z ? GOOD_SEND : 1;
}

function lowered(state: ToleranceState, atMs: EpochMs): ToleranceState {
  return { ...state, atMs, budgetPerDay: withinBounds(state.budgetPerDay * EACH_NEGATIVE) };
}

function withOne(counter: DecayedSum, atMs: EpochMs): DecayedSum {
  const next = { ...counter };
  addDecayed(next, 1, atMs, HALF_LIFE_MS);
  return next;
}

export function withinBounds(perDay: number): number {
  return Math.min(BUDGET_BOUNDS.maxPerDay, Math.max(BUDGET_BOUNDS.minPerDay, perDay));
}
