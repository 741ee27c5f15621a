import { addDecayed, type DecayedSum, emptySum, readDecayed } from '../../src/core/decay.js';
import { seededRandom } from '../../src/core/random.js';
import { DAY_MS, type EpochMs, HOUR_MS, halfLife } from '../../src/core/time.js';
import { type AnswerCounts, DEFAULT_PRIOR, fitSegmentPrior } from '../../src/touch/segmentPrior.js';
import { paceOf } from '../../src/touch/tolerancePace.js';
import { answerOdds, drawPerson, drawRequests, type HiddenPerson } from './hiddenPerson.js';
import {
  DEADLINE_MS,
  type Population,
  type SentMessage,
  type SimulatedPolicy,
  type Treatment,
} from './policies.js';

export interface SimulationSettings {
  readonly seed: number;
  readonly people: number;
  readonly days: number;
  /** How steeply annoyance rises with pressure (`HiddenPerson`). */
  readonly riskPower: number;
  /** What an unsubscribe costs, in opens, to those policies that ask. */
  readonly unsubscribeCost: number;
}

/** Sums over all people and days. */
export interface SimulationResult {
  readonly sends: number;
  readonly opens: number;
  readonly dismissals: number;
  readonly unsubscribes: number;
  readonly people: number;
}

interface Life {
  readonly person: HiddenPerson;
  readonly treatment: Treatment;
  readonly sent: SentMessage[];
  readonly counts: { -readonly [name in keyof AnswerCounts]: number };
  readonly random: () => number;
  readonly requests: () => number;
  readonly load: DecayedSum;
  lastSends: EpochMs[];
  waitingUntilMs?: EpochMs;
  isGone: boolean;
}

const START_MS = Date.UTC(2025, 0, 6);
const LOAD_HALF_LIFE_MS = halfLife(3 * DAY_MS);
/** Reads a decayed count as messages a day: a steady one a day sums to half-life ÷ ln 2 days. */
const LOAD_DAYS = 3 / Math.LN2;
const OPENS_AFTER_MS = HOUR_MS / 2;
const RELEARNT_EVERY_DAYS = 7;

/** The same seed gives every policy the same people and the same requests. */
export function simulate(policy: SimulatedPolicy, settings: SimulationSettings): SimulationResult {
  let population: Population = { prior: DEFAULT_PRIOR, openCurve: new Array<number>(24).fill(1) };
  const lives = Array.from({ length: settings.people }, (_, index) =>
    begin(policy, { settings, index, population: () => population }),
  );
  for (let day = 0; day < settings.days; day++) {
    const dayStartMs = START_MS + day * DAY_MS;
    for (const life of lives) liveOneDay(life, dayStartMs);
    if (day % RELEARNT_EVERY_DAYS === RELEARNT_EVERY_DAYS - 1) population = learnt(lives);
  }
  const sum = (count: (life: Life) => number) => lives.reduce((total, life) => total + count(life), 0);
  return {
    people: settings.people,
    sends: sum(({ counts }) => counts.sends),
    opens: sum(({ counts }) => counts.opens),
    dismissals: sum(({ counts }) => counts.softNegatives),
    unsubscribes: sum(({ counts }) => counts.unsubscribes),
  };
}

/** Opens less the cost of unsubscribes, per person. */
export function netPerPerson(
  { opens, unsubscribes, people }: SimulationResult,
  unsubscribeCost: number,
): number {
  return (opens - unsubscribeCost * unsubscribes) / people;
}

function begin(
  policy: SimulatedPolicy,
  {
    settings,
    index,
    population,
  }: { settings: SimulationSettings; index: number; population: () => Population },
): Life {
  const seed = settings.seed * 1_000_003 + index;
  const person = drawPerson(seededRandom(seed), settings.riskPower);
  const sent: SentMessage[] = [];
  const { unsubscribeCost, days } = settings;
  return {
    person,
    treatment: policy.treat({ person, population, sent, unsubscribeCost, days }),
    sent,
    counts: { sends: 0, opens: 0, softNegatives: 0, unsubscribes: 0 },
    random: seededRandom(seed ^ 0x5bd1e995),
    requests: seededRandom(seed ^ 0x1b873593),
    load: emptySum(),
    lastSends: [],
    isGone: false,
  };
}

function liveOneDay(life: Life, dayStartMs: EpochMs): void {
  const requests = drawRequests(life.requests, dayStartMs);
  for (const nowMs of requests) {
    if (life.isGone) return;
    // A message that waits for its hour goes out when that comes, if the pace still allows it.
    sendWaiting(life, nowMs);
    if (life.isGone || life.waitingUntilMs !== undefined || !mayWrite(life, nowMs)) continue;
    const sendAtMs = life.treatment.sendAtMs({
      nowMs,
      deadlineMs: nowMs + DEADLINE_MS,
      requestId: `${nowMs} ${life.person.tolerancePerDay}`,
    });
    if (sendAtMs === nowMs) send(life, nowMs);
    else life.waitingUntilMs = sendAtMs;
  }
  sendWaiting(life, dayStartMs + DAY_MS - 1);
}

function sendWaiting(life: Life, nowMs: EpochMs): void {
  const atMs = life.waitingUntilMs;
  if (atMs === undefined || atMs > nowMs) return;
  life.waitingUntilMs = undefined;
  if (mayWrite(life, atMs)) send(life, atMs);
}

function mayWrite({ treatment, lastSends }: Life, nowMs: EpochMs): boolean {
  const { cap, windowMs, minGapMs = 0 } = paceOf(treatment.budgetPerDay());
  const last = lastSends.at(-1) ?? Number.NEGATIVE_INFINITY;
  return nowMs >= last + minGapMs && lastSends.filter((atMs) => atMs > nowMs - windowMs).length < cap;
}

function send(life: Life, nowMs: EpochMs): void {
  const { person, treatment, counts, load, random } = life;
  const perDay = readDecayed(load, nowMs, LOAD_HALF_LIFE_MS) / LOAD_DAYS;
  const hour = new Date(nowMs).getUTCHours();
  const odds = answerOdds(person, { pressure: perDay / person.tolerancePerDay, hour });
  const message: SentMessage = { sentAtMs: nowMs };
  life.sent.push(message);
  life.lastSends = [...life.lastSends.slice(-5), nowMs];
  addDecayed(load, 1, nowMs, LOAD_HALF_LIFE_MS);
  counts.sends += 1;
  treatment.told('sent', nowMs);
  const answeredMs = nowMs + OPENS_AFTER_MS;
  const [opens, dismisses, leaves] = [random() < odds.open, random() < odds.dismiss, random() < odds.leave];
  if (opens) {
    counts.opens += 1;
    message.openedAtMs = answeredMs;
    treatment.told('opened', answeredMs);
  }
  if (dismisses) {
    counts.softNegatives += 1;
    treatment.told('soft_negative', answeredMs);
  }
  if (leaves) {
    counts.unsubscribes += 1;
    life.isGone = true;
  }
}

/** What the policy's own messages showed so far; no policy sees another's. */
function learnt(lives: readonly Life[]): Population {
  const sends = new Array<number>(24).fill(20);
  const opens = new Array<number>(24).fill(2);
  for (const { sent } of lives) {
    for (const { sentAtMs, openedAtMs } of sent) {
      const hour = new Date(sentAtMs).getUTCHours();
      sends[hour] = (sends[hour] ?? 0) + 1;
      if (openedAtMs !== undefined) opens[hour] = (opens[hour] ?? 0) + 1;
    }
  }
  return {
    prior: fitSegmentPrior(lives.map(({ counts }) => counts)),
    openCurve: opens.map((count, hour) => count / (sends[hour] ?? 1)),
  };
}
