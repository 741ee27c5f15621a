import type { Behaviour } from '../behaviour/behaviour.js';
import { STARTING_WEIGHTS } from '../behaviour/weights.js';
import { hashText, seededRandom } from '../core/random.js';
import { DAY_MS, type EpochMs, HOUR_MS } from '../core/time.js';
import { takenBy } from './taken.js';

/** A moment at which a person could have asked, and what they took after it. */
export interface QueryPoint {
  readonly userId: string;
  readonly atMs: EpochMs;
  /** Product → how it was taken, bits of `TAKEN`. */
  readonly targets: ReadonlyMap<string, number>;
}

export interface QueryPointOptions {
  /** Behaviours at or after this do not exist. */
  readonly untilMs: EpochMs;
  /** Query points a person at the beginning of visits, at most; and as many within visits. */
  readonly perUser: number;
  readonly seed: number;
}

/** A pause this long begins a new visit. */
const VISIT_GAP_MS = HOUR_MS;
/** The log must have run this part of its span before it is asked, so that there is something to know. */
const WARM_UP_PART = 0.3;
/** How much later a target may come: this part of the span. */
const HORIZON_PART = 0.15;

/** How far ahead the targets of a log of this span are looked for. */
export function horizonMs(spanMs: number): number {
  return Math.min(90 * DAY_MS, Math.max(6 * HOUR_MS, HORIZON_PART * spanMs));
}

/**
 * Chooses when people are asked. Shortly before visits that they made, half of them right at the
 * visit (its first page), half at a moment of the pause before (a campaign, or an evaluation at a
 * fixed time). And within visits, right before something that they did: most pages are rendered
 * there, and what was just done counts most there. `behaviours` in order of time.
 */
export function chooseQueryPoints(
  behaviours: readonly Behaviour[],
  { untilMs, perUser, seed }: QueryPointOptions,
): QueryPoint[] {
  const known = behaviours.filter(({ occurredAtMs }) => occurredAtMs < untilMs);
  const first = known[0]?.occurredAtMs ?? 0;
  const span = Math.max(1, (known[known.length - 1]?.occurredAtMs ?? 0) - first);
  const horizon = horizonMs(span);
  const startMs = first + WARM_UP_PART * span;
  const points: QueryPoint[] = [];
  for (const [userId, own] of byUser(known)) {
    const random = seededRandom(seed ^ hashText(userId));
    const moments = own.flatMap(({ occurredAtMs: at }, i) => {
      const before = own[i - 1]?.occurredAtMs ?? Number.NEGATIVE_INFINITY;
      // Of several behaviours at one moment the first stands for all.
      return at >= startMs && at > before ? [{ at, before }] : [];
    });
    const beginsVisit = ({ at, before }: { at: EpochMs; before: EpochMs }) => at - before > VISIT_GAP_MS;
    const within = sample(
      moments.filter((moment) => !beginsVisit(moment)),
      perUser,
      random,
    ).map(({ at }) => at - 1);
    const before = sample(moments.filter(beginsVisit), perUser, random).map(({ at, before: last }) => {
      const pause = Math.min(at - Math.max(last, first), horizon / 2);
      return random() < 0.5 ? at - 1 : Math.max(startMs, at - 1 - random() * pause);
    });
    for (const atMs of [...within, ...before]) {
      const targets = targetsOf(own, atMs, atMs + horizon);
      if (targets.size > 0) points.push({ userId, atMs, targets });
    }
  }
  return points.sort((a, b) => a.atMs - b.atMs || (a.userId < b.userId ? -1 : 1));
}

function byUser(behaviours: readonly Behaviour[]): Map<string, Behaviour[]> {
  const groups = new Map<string, Behaviour[]>();
  for (const behaviour of behaviours) {
    const group = groups.get(behaviour.userId);
    if (group === undefined) groups.set(behaviour.userId, [behaviour]);
    else group.push(behaviour);
  }
  return groups;
}

function targetsOf(own: readonly Behaviour[], afterMs: EpochMs, toMs: EpochMs): Map<string, number> {
  const targets = new Map<string, number>();
  for (const { productId, type, occurredAtMs } of own) {
    if (productId === undefined || occurredAtMs <= afterMs || occurredAtMs > toMs) continue;
    if (type === 'review' || STARTING_WEIGHTS[type].weight <= 0) continue;
    targets.set(productId, (targets.get(productId) ?? 0) | takenBy(type));
  }
  return targets;
}

/** `count` of the items, each equally likely, by a partial Fisher–Yates shuffle. */
export function sample<Item>(items: readonly Item[], count: number, random: () => number): Item[] {
  const pool = [...items];
  const taken = Math.min(count, pool.length);
  for (let i = 0; i < taken; i++) {
    const j = i + Math.floor(random() * (pool.length - i));
    [pool[i], pool[j]] = [pool[j] as Item, pool[i] as Item];
  }
  return pool.slice(0, taken);
}
