import { addDecayed, type DecayedSum, emptySum, readDecayed } from '../core/decay.js';
import { DAY_MS, type EpochMs, HOUR_MS, halfLife } from '../core/time.js';
import type { AnsweredTouch } from './toleranceSignals.js';
import { wallTime } from './zoneClock.js';

export const HOURS_OF_DAY = 24;
const HOURS = Array.from({ length: HOURS_OF_DAY }, (_, hour) => hour);
/** Figures by local hour, 0–23. */
export type ByHour = readonly number[];

/** Decayed sends and opens by the local hour in which the message *went out*. */
export interface HourCounts {
  readonly sends: ByHour;
  readonly opens: ByHour;
}

/** What an hour's prior is made of; each by local hour, ≥ 0, on any scale. */
export interface HourPrior {
  /** The population's opens over sends. */
  readonly populationCurve: ByHour;
  /** How often this person was active; all 0 when nothing is known. */
  readonly activity: ByHour;
  /** The open ratio that the person is expected to have over all hours (`Tolerance.openRatio`). */
  readonly openRatio: number;
}

/** The chance that a message is opened, by local hour, with its figures for the answer. */
export interface HourProfile extends HourCounts {
  readonly openRatio: ByHour;
  readonly prior: ByHour;
}

const HALF_LIFE_MS = halfLife(60 * DAY_MS);
/** Sends that the prior of an hour is worth. */
const PRIOR_STRENGTH = 20;
/** Of an hour and its two neighbours: people are not that punctual. */
const KERNEL = { own: 0.5, neighbour: 0.25 };
/** Events that an even day is worth beside a person's activity. */
const EVEN_ACTIVITY = 12;

/** Forward-decayed sends and opens of each local hour; plain data. */
export interface HourState {
  readonly sends: readonly DecayedSum[];
  readonly opens: readonly DecayedSum[];
}

export function emptyHours(): HourState {
  return { sends: HOURS.map(emptySum), opens: HOURS.map(emptySum) };
}

/**
 * Counts a send, or the open of one, in place. An open belongs to the hour of its send and fades with
 * it: it may come as late as it likes and in any order, and opens never exceed sends. The hour is that
 * of the zone which the person lives in when it is counted; a move does not change hours counted before.
 */
export function countHour(
  state: HourState,
  kind: 'sends' | 'opens',
  { sentAtMs, timezone }: { sentAtMs: EpochMs; timezone: string },
): void {
  const counter = state[kind][localHour(timezone, sentAtMs)];
  if (counter !== undefined) addDecayed(counter, 1, sentAtMs, HALF_LIFE_MS);
}

/** The state of all messages of a person, in whatever order. */
export function foldHours(
  touches: Iterable<Pick<AnsweredTouch, 'sentAtMs' | 'openedAtMs'>>,
  timezone: string,
): HourState {
  const state = emptyHours();
  for (const { sentAtMs, openedAtMs } of touches) {
    countHour(state, 'sends', { sentAtMs, timezone });
    if (openedAtMs !== undefined) countHour(state, 'opens', { sentAtMs, timezone });
  }
  return state;
}

export function readHours({ sends, opens }: HourState, nowMs: EpochMs): HourCounts {
  const read = (counter: DecayedSum) => readDecayed(counter, nowMs, HALF_LIFE_MS);
  return { sends: sends.map(read), opens: opens.map(read) };
}

/** `θ_h = (o_h + 20·π_h) / (n_h + 20)`, smoothed round the clock. */
export function hourProfile({ sends, opens }: HourCounts, prior: HourPrior): HourProfile {
  const smoothSends = smoothed(sends);
  const smoothOpens = smoothed(opens);
  const expected = priorByHour(prior);
  return {
    sends,
    opens,
    prior: expected,
    openRatio: expected.map(
      (pi, hour) =>
        ((smoothOpens[hour] ?? 0) + PRIOR_STRENGTH * pi) / ((smoothSends[hour] ?? 0) + PRIOR_STRENGTH),
    ),
  };
}

/** The population's curve times the person's own, brought to the mean that is expected of the person. */
function priorByHour({ populationCurve, activity, openRatio }: HourPrior): number[] {
  const active = smoothed(activity);
  const total = active.reduce((sum, count) => sum + count, 0);
  const shape = active.map(
    (count, hour) =>
      (populationCurve[hour] ?? 0) * ((count + EVEN_ACTIVITY / HOURS_OF_DAY) / (total + EVEN_ACTIVITY)),
  );
  const mean = shape.reduce((sum, value) => sum + value, 0) / HOURS_OF_DAY;
  return shape.map((value) => (mean > 0 ? Math.min(1, (value / mean) * openRatio) : openRatio));
}

function smoothed(counts: ByHour): number[] {
  return HOURS.map((hour) => {
    const before = counts[(hour + HOURS_OF_DAY - 1) % HOURS_OF_DAY] ?? 0;
    const after = counts[(hour + 1) % HOURS_OF_DAY] ?? 0;
    return KERNEL.own * (counts[hour] ?? 0) + KERNEL.neighbour * (before + after);
  });
}

/** The hour that the wall clock shows. */
export function localHour(timezone: string, atMs: EpochMs): number {
  const wall = wallTime(timezone, atMs);
  return Math.floor(wall / HOUR_MS) - Math.floor(wall / DAY_MS) * HOURS_OF_DAY;
}
