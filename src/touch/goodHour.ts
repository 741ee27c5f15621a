import { hashText, seededRandom } from '../core/random.js';
import type { EpochMs } from '../core/time.js';
import type { ByHour, HourProfile } from './hourProfile.js';
import { HOURS_OF_DAY } from './hourProfile.js';
import { type HourStretch, hourStretches } from './hourStretches.js';
import type { QuietSpan } from './quietHours.js';

/** Names the good hour in every answer. */
export const GOOD_HOUR_RULE_ID = 'good_hour';

/** An hour this near to the best is as good: the estimates are not exact to a tenth. */
export const GOOD_ENOUGH_RATIO = 0.9;

export interface GoodHourQuestion {
  readonly profile: Pick<HourProfile, 'openRatio'>;
  readonly timezone: string;
  readonly nowMs: EpochMs;
  readonly deadlineMs?: EpochMs;
  /** The quiet hours that apply to this message. */
  readonly quiet: readonly QuietSpan[];
  /** Wait for this local hour instead, if it can still be had (`exploredHour`). */
  readonly explore?: number;
}

/** When to send, and the figures that say why. */
export interface GoodHour {
  /** `nowMs` itself for now; never after the deadline, never in quiet hours unless nothing else is left. */
  readonly sendAtMs: EpochMs;
  /** `now`, `wait` for a better hour, or `no_choice`: quiet hours leave no moment, so the hour has no say. */
  readonly verdict: 'now' | 'wait' | 'no_choice';
  /** The local hours: of `sendAtMs`, and the best that can be had. */
  readonly hour?: number;
  readonly bestHour?: number;
  /** Open ratios expected at `hour` and at `bestHour`. */
  readonly openRatio?: number;
  readonly bestOpenRatio?: number;
  readonly explored: boolean;
}

/**
 * Now, where the present hour's open ratio is within 90 % of the best that comes before the deadline
 * outside quiet hours; otherwise the exact moment at which the first such hour begins. The *first*
 * good hour and not the very best one, so that the answer is exact: asked again at any moment before
 * `sendAtMs` it says the same, and at `sendAtMs` it says now. It only ever delays and never drops: where
 * quiet hours leave no moment, it has no opinion and the other rules decide.
 */
export function goodHour({ profile, explore, nowMs, ...where }: GoodHourQuestion): GoodHour {
  const stretches = hourStretches({ ...where, nowMs });
  const ratioOf = ({ hour }: HourStretch) => profile.openRatio[hour] ?? 0;
  const best = stretches.reduce<HourStretch | undefined>(
    (a, b) => (a === undefined || ratioOf(b) > ratioOf(a) ? b : a),
    undefined,
  );
  if (best === undefined) return { sendAtMs: nowMs, verdict: 'no_choice', explored: false };
  const tried = stretches.find(({ hour }) => hour === explore);
  const enough = GOOD_ENOUGH_RATIO * ratioOf(best);
  const chosen = tried ?? stretches.find((stretch) => ratioOf(stretch) >= enough) ?? best;
  return {
    sendAtMs: chosen.fromMs,
    verdict: chosen.fromMs === nowMs ? 'now' : 'wait',
    hour: chosen.hour,
    bestHour: best.hour,
    openRatio: ratioOf(chosen),
    bestOpenRatio: ratioOf(best),
    explored: tried !== undefined,
  };
}

/** At most this share of messages tries an hour that is not thought to be the best. */
export const MAX_EXPLORED_RATIO = 0.05;
/** One-sided 95 %. */
const UPPER_Z = 1.645;

/**
 * For a small share of messages, an hour that might turn out better: drawn evenly from those whose
 * 95 % upper bound reaches the best estimate. The message is one that goes out anyway and at most
 * later, so trying never raises how often a person hears from us. Settled by the request's id: a retry
 * gets the same hour.
 */
export function exploredHour(
  { openRatio, sends }: Pick<HourProfile, 'openRatio' | 'sends'>,
  { requestId, exploredRatio }: { requestId: string; exploredRatio: number },
): number | undefined {
  const random = seededRandom(hashText(`good hour ${requestId}`));
  if (random() >= Math.min(exploredRatio, MAX_EXPLORED_RATIO)) return undefined;
  const best = Math.max(...openRatio);
  const open = hoursOf(openRatio).filter((hour) => {
    const ratio = openRatio[hour] ?? 0;
    const error = Math.sqrt((ratio * (1 - ratio)) / ((sends[hour] ?? 0) + 1));
    return ratio + UPPER_Z * error >= best;
  });
  return open[Math.floor(random() * open.length)];
}

function hoursOf(byHour: ByHour): number[] {
  return Array.from({ length: Math.min(HOURS_OF_DAY, byHour.length) }, (_, hour) => hour);
}
