import { type EpochMs, HOUR_MS, MINUTE_MS } from '../../src/core/time.js';

/**
 * A synthetic person. What is hidden from every policy but the oracle:
 *
 * - `tolerancePerDay` T: log-normal, median 0.8 messages a day, σ 0.9, within 0.05–8;
 * - `openRatio` q, when rested and at the best hour: logit-normal, median 0.25, σ 0.7;
 * - `peakHour` and `peakWidth` of the opening curve: 45 % morning (8 ± 1.5), 15 % noon (13 ± 1),
 *   40 % evening (20.5 ± 1.5); away from the peak 0.35 of it remain.
 *
 * **Pressure** x is the decayed number of messages a day (half-life three days) over T. To a message at
 * local hour h the person answers, independently:
 *
 * - opens it with `q·curve(h)·e^(−0.4·x)`;
 * - dismisses it with `min(0.5, 0.01 + 0.05·x^r)`;
 * - leaves for good with `min(0.2, 0.0004 + 0.002·x^r)`, where r is 2 unless the run says otherwise: the
 *   learned rule's threshold was derived for 2, so it has to be seen with others.
 *
 * The constants were set before any policy was run and are not fitted to anything.
 */
export interface HiddenPerson {
  readonly tolerancePerDay: number;
  readonly openRatio: number;
  readonly peakHour: number;
  readonly peakWidth: number;
  /** r: how steeply annoyance rises with pressure. */
  readonly riskPower: number;
  /** Behaviours of theirs by local hour, which policies may see: 30 draws from the opening curve. */
  readonly activity: readonly number[];
}

/** Odds of the three answers to one message. */
export interface AnswerOdds {
  readonly open: number;
  readonly dismiss: number;
  readonly leave: number;
}

const OFF_PEAK = 0.35;
const SEEN_BEHAVIOURS = 30;

export function drawPerson(random: () => number, riskPower: number): HiddenPerson {
  const tolerancePerDay = Math.min(8, Math.max(0.05, 0.8 * Math.exp(0.9 * normal(random))));
  const openRatio = 1 / (1 + 3 * Math.exp(-0.7 * normal(random)));
  const kind = random();
  const [middle, spread] = kind < 0.45 ? [8, 1.5] : kind < 0.6 ? [13, 1] : [20.5, 1.5];
  const peakHour = Math.min(23, Math.max(0, middle + spread * normal(random)));
  const peakWidth = 1.5 + random();
  const curve = Array.from({ length: 24 }, (_, hour) => curveAt({ peakHour, peakWidth }, hour));
  const highest = Math.max(...curve);
  const activity = new Array<number>(24).fill(0);
  for (let seen = 0; seen < SEEN_BEHAVIOURS; ) {
    const hour = Math.floor(random() * 24);
    if (random() * highest >= (curve[hour] ?? 0)) continue;
    activity[hour] = (activity[hour] ?? 0) + 1;
    seen += 1;
  }
  return { tolerancePerDay, openRatio, peakHour, peakWidth, riskPower, activity };
}

/** 1 at the peak. */
export function curveAt(
  { peakHour, peakWidth }: Pick<HiddenPerson, 'peakHour' | 'peakWidth'>,
  hour: number,
): number {
  const away = Math.abs(hour + 0.5 - peakHour);
  const round = Math.min(away, 24 - away) / peakWidth;
  return OFF_PEAK + (1 - OFF_PEAK) * Math.exp(-(round ** 2) / 2);
}

export function answerOdds(
  person: HiddenPerson,
  { pressure, hour }: { pressure: number; hour: number },
): AnswerOdds {
  return {
    open: person.openRatio * curveAt(person, hour) * Math.exp(-0.4 * pressure),
    dismiss: Math.min(0.5, 0.01 + 0.05 * pressure ** person.riskPower),
    leave: Math.min(0.2, 0.0004 + 0.002 * pressure ** person.riskPower),
  };
}

/** When campaigns ask to write to a person: six times a day between 8 and 22, at any minute. */
export function drawRequests(random: () => number, dayStartMs: EpochMs): EpochMs[] {
  const requests = Array.from(
    { length: 6 },
    () => dayStartMs + 8 * HOUR_MS + Math.floor(random() * 14 * 60) * MINUTE_MS,
  );
  return requests.sort((a, b) => a - b);
}

function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
