import type { EpochMs } from '../core/time.js';
import { calendarPeriod } from './calendarPeriod.js';
import type { Promotion } from './promotion.js';
import type { CapRule } from './touchPolicy.js';
import type { TouchRecord } from './userTouchLog.js';

/**
 * How full a cap is for a touch that is asked about, now and at every later moment, if nothing else
 * happens: each touch holds its slot until a fixed moment, and promotions begin and end.
 */
export interface CapCourse {
  readonly rule: Pick<CapRule, 'cap' | 'window'>;
  /** The user's, an IANA name. */
  readonly timezone: string;
  /** For how long a slot of the touch asked about would be held before it is sent. */
  readonly ttlMs: number;
  /** Those that hold a slot of the touch asked about, or keep it waiting, now or later. */
  readonly touches: readonly CountedTouch[];
  /** In the policy's order. */
  readonly holds: readonly SlotHold[];
}

export interface CountedTouch {
  readonly record: TouchRecord;
  /** It holds a slot before this moment… */
  readonly untilMs: EpochMs;
  /** …and before this one the minimum gap, where there is one, is not over. */
  readonly gapUntilMs: EpochMs;
  /** The holds whose promotions it is a message of. */
  readonly ofHolds: readonly SlotHold[];
}

/** Slots that a promotion holds back. */
export interface SlotHold {
  readonly promotion: Promotion;
  readonly slots: number;
  /** Whether from the touch that is asked about, too. */
  readonly binds: boolean;
}

export interface CapFill {
  readonly used: number;
  /** Held back from the touch that is asked about: 0 to the cap. */
  readonly held: number;
  /** The promotions that they are held for. */
  readonly heldFor: readonly string[];
}

/**
 * A message of several promotions is the first one's, of those that hold slots then. So no touch that
 * leaves a window frees one slot and has two held back for it: without a beginning in between, what is
 * used and held never grows.
 */
export function fillAt(course: CapCourse, atMs: EpochMs): CapFill {
  const { touches, holds, rule } = course;
  const active = holds.filter((hold) => mayCountWhileRunning(hold.promotion, course, atMs));
  const holding = touches.filter(({ untilMs }) => untilMs > atMs);
  const used = holding.length;
  if (active.length === 0) return { used, held: 0, heldFor: [] };
  const owners = holding.map(({ ofHolds }) => active.find((hold) => ofHolds.includes(hold)));
  const keeping = active
    .map((hold) => {
      const own = owners.reduce((sum, owner) => (owner === hold ? sum + 1 : sum), 0);
      return { hold, left: hold.binds ? Math.max(0, hold.slots - own) : 0 };
    })
    .filter(({ left }) => left > 0);
  return {
    used,
    held: Math.min(
      rule.cap,
      keeping.reduce((sum, { left }) => sum + left, 0),
    ),
    heldFor: keeping.map(({ hold }) => hold.promotion.id),
  };
}

/** Until when the minimum gap keeps a touch waiting; `-Infinity` when it does not. */
export function gapOpensAt({ touches }: CapCourse): EpochMs {
  return touches.reduce((latest, { gapUntilMs }) => Math.max(latest, gapUntilMs), Number.NEGATIVE_INFINITY);
}

/** The first moment from `fromMs` on at which the cap has room, whatever its gap; infinite when never. */
export function roomFrom(course: CapCourse, fromMs: EpochMs): EpochMs {
  const { rule, touches, holds } = course;
  if (rule.cap === 0) return Number.POSITIVE_INFINITY;
  const ends = touches.map(({ untilMs }) => untilMs).sort((a, b) => b - a);
  const withoutHoldsMs = Math.max(fromMs, ends[rule.cap - 1] ?? fromMs);
  if (holds.length === 0) return withoutHoldsMs;
  // Room is made by a touch that leaves or a promotion that ends, and by nothing else.
  const frees = [withoutHoldsMs, ...ends, ...holds.map(({ promotion }) => promotion.endMs)]
    .filter((atMs) => atMs >= withoutHoldsMs)
    .sort((a, b) => a - b);
  const hasRoom = (atMs: EpochMs): boolean => {
    const { used, held } = fillAt(course, atMs);
    return used + held < rule.cap;
  };
  return frees.find(hasRoom) ?? Number.POSITIVE_INFINITY;
}

/** The first moment from `fromMs` on at which the rule alone lets the touch pass; infinite when never. */
export function opensFrom(course: CapCourse, fromMs: EpochMs): EpochMs {
  return roomFrom(course, Math.max(fromMs, gapOpensAt(course)));
}

/**
 * Whether a touch whose slot is given out at a moment may be in the cap's window while the promotion runs: it is
 * sent before its slot runs out, at the last moment of which it would be there for longest.
 */
function mayCountWhileRunning(
  { startMs, endMs }: Promotion,
  { rule: { window }, timezone, ttlMs }: CapCourse,
  atMs: EpochMs,
): boolean {
  if (atMs >= endMs) return false;
  const sentByMs = atMs + ttlMs - 1;
  const countsUntilMs =
    window.kind === 'rolling'
      ? sentByMs + window.windowMs
      : calendarPeriod({ timezone, unit: window.unit }, sentByMs).endMs;
  return countsUntilMs > startMs;
}
