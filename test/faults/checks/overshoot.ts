import { type RollingCap, slotsOf } from '../caps.js';

/** Whom a message went to, and how. */
export interface TouchPlace {
  readonly userId: string;
  readonly channel: string;
  readonly shopId: string;
}

/** A message that went out. */
export interface SentTouch extends TouchPlace {
  readonly sentAtMs: number;
}

/** A slot that was held from the first moment until (without) the last. */
export interface HeldSlot extends TouchPlace {
  readonly fromMs: number;
  readonly untilMs: (cap: RollingCap) => number;
}

/** More in one place than a cap allows. */
export interface Overshoot {
  readonly ruleId: string;
  readonly slots: string;
  readonly atMs: number;
  readonly count: number;
  readonly cap: number;
}

/**
 * Messages in windows that hold more than their cap, by counting every window that ends with a
 * message. Knows nothing of how TagRank decides.
 */
export function overshotWindows(touches: readonly SentTouch[], caps: readonly RollingCap[]): Overshoot[] {
  return caps.flatMap((cap) =>
    bySlots(touches, cap).flatMap(([slots, together]) =>
      together.flatMap(({ sentAtMs: atMs }): Overshoot[] => {
        const count = together.filter(
          ({ sentAtMs }) => sentAtMs > atMs - cap.windowMs && sentAtMs <= atMs,
        ).length;
        return count > cap.cap ? [{ ruleId: cap.ruleId, slots, atMs, count, cap: cap.cap }] : [];
      }),
    ),
  );
}

/** Moments at which more slots were held than there are: the fullest moments are those when one is taken. */
export function overshotHolds(held: readonly HeldSlot[], caps: readonly RollingCap[]): Overshoot[] {
  return caps.flatMap((cap) =>
    bySlots(held, cap).flatMap(([slots, together]) =>
      together.flatMap(({ fromMs: atMs }): Overshoot[] => {
        const count = together.filter(({ fromMs, untilMs }) => fromMs <= atMs && untilMs(cap) > atMs).length;
        return count > cap.cap ? [{ ruleId: cap.ruleId, slots, atMs, count, cap: cap.cap }] : [];
      }),
    ),
  );
}

function bySlots<Touch extends TouchPlace>(touches: readonly Touch[], cap: RollingCap): [string, Touch[]][] {
  const groups = new Map<string, Touch[]>();
  for (const touch of touches) {
    const slots = slotsOf(cap, touch);
    const group = groups.get(slots);
    if (group === undefined) groups.set(slots, [touch]);
    else group.push(touch);
  }
  return [...groups];
}
