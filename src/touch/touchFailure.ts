/** What a channel reports of a message that reached nobody, the less certain first. */
export const TOUCH_FAILURES = ['undelivered', 'rejected'] as const;
/**
 * `rejected`: the channel refused the message, so it never went out. `undelivered`: the channel took it and
 * gave up on it: it did not arrive and will not.
 */
export type TouchFailure = (typeof TOUCH_FAILURES)[number];

export function isTouchFailure(outcome: string): outcome is TouchFailure {
  return (TOUCH_FAILURES as readonly string[]).includes(outcome);
}

/** Which messages use up a slot of a cap. */
export const CAP_COUNTS = ['attempt', 'accepted', 'delivered'] as const;
/**
 * A reservation always holds its slot, and a message that was sent counts: with `attempt` whatever becomes of
 * it, with `accepted` until the channel reports that it refused it, with `delivered` until it reports that it
 * refused it or gave up on it. To wait for the good news instead would let others in meanwhile (decision 19).
 */
export type CapCounts = (typeof CAP_COUNTS)[number];

/** Of two reports of one message: being refused excludes all that comes later. */
export function worseFailure(
  a: TouchFailure | undefined,
  b: TouchFailure | undefined,
): TouchFailure | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return a === 'rejected' ? a : b;
}

/** Whether a message that failed so has given its slot back. */
export function freesSlot(failed: TouchFailure | undefined, counts: CapCounts = 'attempt'): boolean {
  switch (counts) {
    case 'attempt':
      return false;
    case 'accepted':
      return failed === 'rejected';
    case 'delivered':
      return failed !== undefined;
  }
}
