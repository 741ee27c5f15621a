/**
 * What is known of buying something again (R8): how many people bought it on a second day, and
 * after how long. Kept per product and per leaf category and shrunk from one to the next.
 */
export interface RepeatStats {
  buyers: number;
  /** People with purchases on at least two days. */
  repeatBuyers: number;
  /** How often each length of time between two purchase days was seen, by `INTERVAL_EDGES_DAYS`. */
  readonly intervals: Uint32Array;
}

/** Upper edges of the interval bins, in days. */
export const INTERVAL_EDGES_DAYS = [
  1, 2, 3, 4, 5, 7, 9, 11, 14, 18, 23, 30, 38, 49, 63, 81, 104, 134, 172, 221, 284, 365,
] as const;

export function emptyRepeatStats(): RepeatStats {
  return { buyers: 0, repeatBuyers: 0, intervals: new Uint32Array(INTERVAL_EDGES_DAYS.length) };
}

/** Takes in that one person's purchase days went from `before` to `after` (one day more, both sorted). */
export function noteDays(
  stats: RepeatStats,
  { before, after }: { before: readonly number[]; after: readonly number[] },
): void {
  if (after.length === 1) stats.buyers += 1;
  if (after.length === 2) stats.repeatBuyers += 1;
  for (let i = 1; i < before.length; i++)
    addInterval(stats, (before[i] as number) - (before[i - 1] as number), -1);
  for (let i = 1; i < after.length; i++)
    addInterval(stats, (after[i] as number) - (after[i - 1] as number), 1);
}

/** Adds everything that `part` saw to `stats`, or takes it out again with −1. */
export function mergeRepeats(stats: RepeatStats, part: RepeatStats, sign: 1 | -1): void {
  stats.buyers += sign * part.buyers;
  stats.repeatBuyers += sign * part.repeatBuyers;
  for (const [bin, count] of part.intervals.entries()) {
    stats.intervals[bin] = (stats.intervals[bin] as number) + sign * count;
  }
}

function addInterval(stats: RepeatStats, days: number, change: 1 | -1): void {
  const bin = binOf(days);
  stats.intervals[bin] = (stats.intervals[bin] as number) + change;
}

function binOf(days: number): number {
  const bin = INTERVAL_EDGES_DAYS.findIndex((edge) => days <= edge);
  return bin === -1 ? INTERVAL_EDGES_DAYS.length - 1 : bin;
}

/** How likely and how soon something is bought again. */
export interface RepeatOutlook {
  /** Buyers on two days or more ÷ buyers, shrunk, 0–1. */
  readonly repeatShareRatio: number;
  /** Days within which a tenth of the repeats came: before that it is not due. */
  readonly soonDays: number;
  /** Days within which half of the repeats came. */
  readonly medianDays: number;
}

/** Before any repeat was seen anywhere: one in fifty buys again, after a fortnight to six months. */
export const UNKNOWN_OUTLOOK: RepeatOutlook = { repeatShareRatio: 0.02, soonDays: 14, medianDays: 90 };

/** Buyers, and intervals, that the wider group counts for beside a product's own. */
const PRIOR_BUYERS = 20;
const PRIOR_INTERVALS = 10;

/** The outlook of a group, shrunk toward the outlook of the wider group around it. */
export function repeatOutlook(stats: RepeatStats, wider: RepeatOutlook = UNKNOWN_OUTLOOK): RepeatOutlook {
  const repeatShareRatio =
    (stats.repeatBuyers + PRIOR_BUYERS * wider.repeatShareRatio) / (stats.buyers + PRIOR_BUYERS);
  let seen = 0;
  for (const count of stats.intervals) seen += count;
  if (seen === 0) return { ...wider, repeatShareRatio };
  const share = seen / (seen + PRIOR_INTERVALS);
  const blend = (own: number, prior: number) =>
    Math.exp(share * Math.log(own) + (1 - share) * Math.log(prior));
  return {
    repeatShareRatio,
    soonDays: blend(quantileDays(stats, 0.1 * seen), wider.soonDays),
    medianDays: blend(quantileDays(stats, 0.5 * seen), wider.medianDays),
  };
}

/** The upper edge of the bin where the running count reaches `target`. */
function quantileDays(stats: RepeatStats, target: number): number {
  let running = 0;
  for (let bin = 0; bin < INTERVAL_EDGES_DAYS.length; bin++) {
    running += stats.intervals[bin] as number;
    if (running >= target) return INTERVAL_EDGES_DAYS[bin] as number;
  }
  return INTERVAL_EDGES_DAYS[INTERVAL_EDGES_DAYS.length - 1] as number;
}

/** A repeat share below this is no repeat business: a sofa, not milk powder. */
export const REPEAT_SHARE_FLOOR = 0.05;

/** How long something that nobody buys again stays away once bought. */
export const ONE_OFF_HIDDEN_DAYS = 180;

/** Whether a product bought `daysSince` days ago is due again (R8). */
export function isDueAgain(outlook: RepeatOutlook, daysSince: number): boolean {
  if (outlook.repeatShareRatio < REPEAT_SHARE_FLOOR) return daysSince >= ONE_OFF_HIDDEN_DAYS;
  return daysSince >= outlook.soonDays;
}
